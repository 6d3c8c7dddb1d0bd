import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import org.apache.druid.data.input.impl.TimestampSpec;
import org.apache.druid.jackson.DefaultObjectMapper;
import org.apache.druid.java.util.common.DateTimes;
import org.apache.druid.java.util.common.granularity.Granularity;
import org.joda.time.DateTime;
import org.joda.time.DateTimeUtils;
import org.joda.time.DateTimeZone;

/**
 * Answers cases with Druid's own classes. Reads and writes lines of fields with tabs between them; ! is an error.
 *
 * <pre>
 * F format        the format of a timestampSpec, as JSON; answered with + or ! in a third field
 * value           a timestamp of the format above, as JSON; answered with epoch milliseconds or !
 * G granularity   as JSON; answered as a format
 * instant         epoch milliseconds, or \@N+M: M after the Nth change of the clocks in the granularity's zone, which is
 *                 answered as epoch milliseconds; answered with the bucket's start and end in two more fields, or !
 * </pre>
 */
public final class Corpus {
  private static final ObjectMapper MAPPER = new DefaultObjectMapper();
  private static final long FROM = 31536000000L; // 1971
  private static final long TO = 2145916800000L; // 2038

  private static TimestampSpec timestamps;
  private static Granularity granularity;
  private static List<Long> changes;

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.US);
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    DateTimeZone.setDefault(DateTimeZone.UTC);
    // Years of two digits depend on the year in which a pattern is made.
    DateTimeUtils.setCurrentMillisFixed(Long.parseLong(args[0]));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer = answer(line);
      if (answer != null) {
        out.print(answer + "\n");
      }
    }
    out.flush();
  }

  private static String answer(String line) throws Exception {
    if (line.startsWith("F\t")) {
      granularity = null;
      timestamps = null;
      try {
        timestamps = new TimestampSpec("t", MAPPER.readValue(line.substring(2), String.class), null);
      } catch (RuntimeException e) {
        return line + "\t!";
      }
      return line + "\t+";
    }
    if (line.startsWith("G\t")) {
      timestamps = null;
      granularity = null;
      try {
        granularity = MAPPER.readValue(line.substring(2), Granularity.class);
        changes = changesOf(granularity.getTimeZone());
      } catch (Exception e) {
        return line + "\t!";
      }
      return line + "\t+";
    }
    return timestamps != null ? line + "\t" + timestamp(line) : granularity != null ? bucket(line) : null;
  }

  private static String timestamp(String json) throws Exception {
    Object value = MAPPER.readValue(json, Object.class);
    try {
      DateTime time = timestamps.extractTimestamp(Collections.singletonMap("t", value));
      return time == null ? "!" : String.valueOf(time.getMillis());
    } catch (RuntimeException e) {
      return "!";
    }
  }

  private static String bucket(String line) {
    long ms;
    if (line.startsWith("@")) {
      if (changes.isEmpty()) {
        return null;
      }
      int plus = line.indexOf('+');
      int number = Integer.parseInt(line.substring(1, plus)) % changes.size();
      ms = changes.get(number) + Long.parseLong(line.substring(plus + 1));
    } else {
      ms = Long.parseLong(line);
    }
    try {
      DateTime start = granularity.bucketStart(DateTimes.utc(ms));
      return ms + "\t" + start.getMillis() + "\t" + granularity.increment(start).getMillis();
    } catch (RuntimeException e) {
      return ms + "\t!";
    }
  }

  private static List<Long> changesOf(DateTimeZone zone) {
    List<Long> changes = new ArrayList<>();
    for (long at = FROM, next; (next = zone.nextTransition(at)) != at && next < TO; at = next) {
      if (zone.getOffset(next - 1) != zone.getOffset(next)) {
        changes.add(next);
      }
    }
    return changes;
  }
}
