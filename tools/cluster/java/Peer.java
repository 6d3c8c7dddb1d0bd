import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.metamx.tranquility.config.DataSourceConfig;
import com.metamx.tranquility.config.PropertiesBasedConfig;
import com.metamx.tranquility.config.TranquilityConfig;
import com.metamx.tranquility.druid.DruidBeams;
import com.metamx.tranquility.tranquilizer.MessageDroppedException;
import com.metamx.tranquility.tranquilizer.Tranquilizer;
import com.twitter.util.FutureEventListener;
import java.io.BufferedReader;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import scala.runtime.BoxedUnit;

/**
 * Sends events with the JVM Tranquility. Arguments: a Tranquility configuration file, the name of one of its data
 * sources, a file with one JSON object a line. Prints one JSON object: sent, dropped, failed, error.
 */
public final class Peer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    AtomicLong sent = new AtomicLong();
    AtomicLong dropped = new AtomicLong();
    AtomicLong failed = new AtomicLong();
    AtomicReference<String> error = new AtomicReference<>();

    Tranquilizer<Map<String, Object>> sender = sender(Path.of(args[0]), args[1]);
    sender.start();
    try (BufferedReader events = Files.newBufferedReader(Path.of(args[2]))) {
      for (String line = events.readLine(); line != null; line = events.readLine()) {
        if (line.isBlank()) {
          continue;
        }
        sender.send(event(line)).addEventListener(new FutureEventListener<BoxedUnit>() {
          @Override
          public void onSuccess(BoxedUnit nothing) {
            sent.incrementAndGet();
          }

          @Override
          public void onFailure(Throwable cause) {
            if (cause instanceof MessageDroppedException) {
              dropped.incrementAndGet();
            } else {
              failed.incrementAndGet();
              error.set(cause.toString());
            }
          }
        });
      }
    }
    sender.flush();
    sender.stop();

    Map<String, Object> result = new LinkedHashMap<>();
    result.put("sent", sent.get());
    result.put("dropped", dropped.get());
    result.put("failed", failed.get());
    result.put("error", error.get());
    System.out.println(MAPPER.writeValueAsString(result));
    // Tranquility leaves threads behind that would keep the JVM alive.
    System.exit(0);
  }

  private static Tranquilizer<Map<String, Object>> sender(Path file, String dataSource) throws Exception {
    try (InputStream input = Files.newInputStream(file)) {
      DataSourceConfig<PropertiesBasedConfig> config = TranquilityConfig.read(input).getDataSource(dataSource);
      return DruidBeams.fromConfig(config).buildTranquilizer(config.tranquilizerBuilder());
    }
  }

  private static Map<String, Object> event(String line) throws Exception {
    return MAPPER.readValue(line, new TypeReference<Map<String, Object>>() {});
  }
}
