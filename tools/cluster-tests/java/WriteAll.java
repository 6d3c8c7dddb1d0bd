import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes COUNT numbered events to partition 0 of a topic, compressed by TYPE, each with so many letters of filling. */
final class WriteAll {
  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[0];
    String topic = arguments[1];
    int count = Integer.parseInt(arguments[3]);
    String filling = "x".repeat(Integer.parseInt(arguments[4]));
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    properties.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    properties.put("compression.type", arguments[2]);
    properties.put("linger.ms", "200");
    properties.put("batch.size", "10000000");
    properties.put("buffer.memory", "100000000");
    properties.put("max.request.size", "20000000");
    long now = System.currentTimeMillis();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
      for (int n = 0; n < count; n++) {
        String value = "{\"time\":" + now + ",\"n\":" + n + ",\"page\":\"p\",\"filling\":\"" + filling + "\"}";
        producer.send(new ProducerRecord<>(topic, 0, String.valueOf(n), value));
      }
    }
  }
}
