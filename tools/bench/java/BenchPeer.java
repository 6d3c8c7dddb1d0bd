import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.metamx.tranquility.config.DataSourceConfig;
import com.metamx.tranquility.config.PropertiesBasedConfig;
import com.metamx.tranquility.config.TranquilityConfig;
import com.metamx.tranquility.druid.DruidBeams;
import com.metamx.tranquility.tranquilizer.Tranquilizer;
import com.sun.management.OperatingSystemMXBean;
import com.twitter.util.FutureEventListener;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import scala.runtime.BoxedUnit;

/**
 * Sends events with the JVM Tranquility when it is told to. Arguments: a Tranquility configuration file, the dataSource, a
 * file of events as lines of JSON, a ZooKeeper, and perhaps the port of a sink, which it announces there in Druid's place. Each
 * line of its input is a number of rows; for each it prints what that took.
 */
public final class BenchPeer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    if (args.length > 4) announce(args[3], args[1], Integer.parseInt(args[4]));
    List<Map<String, Object>> events = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[2]))) {
      events.add(MAPPER.readValue(line, new TypeReference<Map<String, Object>>() {}));
    }
    Tranquilizer<Map<String, Object>> sender = sender(Path.of(args[0]), args[1]);
    sender.start();
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    System.out.println("{\"ready\":true}");
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      int rows = Integer.parseInt(line);
      long started = System.nanoTime();
      long cpu = system.getProcessCpuTime();
      send(sender, events, rows);
      System.out.printf(
          Locale.ROOT,
          "{\"rows\":%d,\"seconds\":%.6f,\"cpuSeconds\":%.6f}%n",
          rows,
          (System.nanoTime() - started) / 1e9,
          (system.getProcessCpuTime() - cpu) / 1e9);
    }
    System.exit(0);
  }

  private static void send(Tranquilizer<Map<String, Object>> sender, List<Map<String, Object>> events, int rows)
      throws Exception {
    AtomicLong sent = new AtomicLong();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < rows; i++) {
      sender.send(events.get(i % events.size())).addEventListener(new FutureEventListener<BoxedUnit>() {
        @Override
        public void onSuccess(BoxedUnit nothing) {
          sent.incrementAndGet();
        }

        @Override
        public void onFailure(Throwable cause) {
          failure.compareAndSet(null, cause);
        }
      });
    }
    sender.flush();
    if (sent.get() != rows) {
      throw new IllegalStateException("Of " + rows + " rows " + sent.get() + " were sent", failure.get());
    }
  }

  private static Tranquilizer<Map<String, Object>> sender(Path file, String dataSource) throws Exception {
    try (InputStream input = Files.newInputStream(file)) {
      DataSourceConfig<PropertiesBasedConfig> config = TranquilityConfig.read(input).getDataSource(dataSource);
      return DruidBeams.fromConfig(config).buildTranquilizer(config.tranquilizerBuilder());
    }
  }

  /** Tells Tranquility where the overlord is, and the task of any hour. */
  private static void announce(String zookeeper, String dataSource, int port) throws Exception {
    CuratorFramework curator = CuratorFrameworkFactory.newClient(zookeeper, new RetryOneTime(1000));
    curator.start();
    List<String> names = new ArrayList<>(List.of("druid:overlord"));
    for (int hour = 0; hour < 24; hour++) {
      names.add(String.format("firehose:druid:overlord:%s-%03d-0000-0000", dataSource, hour));
    }
    for (String name : names) {
      String id = UUID.randomUUID().toString();
      String json =
          String.format(
              "{\"name\":\"%s\",\"id\":\"%s\",\"address\":\"127.0.0.1\",\"port\":%d,\"sslPort\":null,\"payload\":null,"
                  + "\"registrationTimeUTC\":%d,\"serviceType\":\"DYNAMIC\",\"uriSpec\":null}",
              name, id, port, System.currentTimeMillis());
      curator
          .create()
          .creatingParentsIfNeeded()
          .withMode(CreateMode.EPHEMERAL)
          .forPath("/druid/discovery/" + name + "/" + id, json.getBytes(StandardCharsets.UTF_8));
    }
  }
}
