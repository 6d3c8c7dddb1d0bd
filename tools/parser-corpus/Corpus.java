import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.druid.common.config.NullHandling;
import org.apache.druid.data.input.ColumnsFilter;
import org.apache.druid.data.input.InputEntityReader;
import org.apache.druid.data.input.InputFormat;
import org.apache.druid.data.input.InputRow;
import org.apache.druid.data.input.InputRowSchema;
import org.apache.druid.data.input.MapBasedInputRow;
import org.apache.druid.data.input.impl.ByteEntity;
import org.apache.druid.data.input.impl.DimensionsSpec;
import org.apache.druid.data.input.impl.ParseSpec;
import org.apache.druid.data.input.impl.TimestampSpec;
import org.apache.druid.jackson.DefaultObjectMapper;
import org.apache.druid.java.util.common.DateTimes;
import org.apache.druid.java.util.common.parsers.CloseableIterator;
import org.apache.druid.java.util.common.parsers.Parser;

/**
 * Answers cases with Druid's own parsers. A case is a line of JSON: {"parseSpec": …} or {"inputFormat": …}, and "lines". The answer has
 * "rows" beside them: for each line what became of it, a map, "!" for an error, null for a line that is no row (a header); or
 * "refused": true where Druid refuses the format itself. An inputFormat is given each line by itself.
 */
public final class Corpus {
  private static final ObjectMapper MAPPER = new DefaultObjectMapper();

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.US);
    NullHandling.initializeForTests();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<String, Object> given = MAPPER.readValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
      List<String> lines = MAPPER.convertValue(given.get("lines"), new TypeReference<List<String>>() {});
      try {
        given.put("rows", given.containsKey("parseSpec") ? parsed(given.get("parseSpec"), lines) : read(given.get("inputFormat"), lines));
      } catch (Exception e) {
        given.put("refused", true);
      }
      out.print(MAPPER.writeValueAsString(given) + "\n");
    }
    out.flush();
  }

  private static List<Object> parsed(Object spec, List<String> lines) throws Exception {
    Map<String, Object> whole = new LinkedHashMap<>(MAPPER.convertValue(spec, new TypeReference<Map<String, Object>>() {}));
    whole.put("timestampSpec", Collections.emptyMap());
    whole.put("dimensionsSpec", Collections.emptyMap());
    Parser<String, Object> parser = MAPPER.convertValue(whole, ParseSpec.class).makeParser();
    parser.startFileFromBeginning();
    List<Object> rows = new ArrayList<>();
    for (String line : lines) {
      Object row;
      try {
        row = plain(parser.parseToMap(line));
      } catch (Exception e) {
        row = "!";
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<Object> read(Object spec, List<String> lines) throws Exception {
    InputFormat format = MAPPER.convertValue(spec, InputFormat.class);
    InputRowSchema schema = new InputRowSchema(
        new TimestampSpec("no time", "auto", DateTimes.of("2020-01-01")), DimensionsSpec.EMPTY, ColumnsFilter.all());
    List<Object> rows = new ArrayList<>();
    for (String line : lines) {
      Object row;
      try {
        InputEntityReader reader = format.createReader(schema, new ByteEntity(line.getBytes(StandardCharsets.UTF_8)), null);
        List<Object> several = new ArrayList<>();
        try (CloseableIterator<InputRow> iterator = reader.read()) {
          while (iterator.hasNext()) {
            several.add(plain(((MapBasedInputRow) iterator.next()).getEvent()));
          }
        }
        row = several;
      } catch (Exception e) {
        row = "!";
      }
      rows.add(row);
    }
    return rows;
  }

  /** As it is at once: what is computed only when it is looked at may still throw. */
  private static Object plain(Map<String, Object> row) throws Exception {
    if (row == null) {
      return null;
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    for (String key : row.keySet()) {
      copy.put(key, row.get(key));
    }
    return MAPPER.readValue(MAPPER.writeValueAsString(copy), JsonNode.class);
  }
}
