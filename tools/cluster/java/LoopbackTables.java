import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.lang.reflect.Field;
import org.eclipse.jetty.server.AbstractNetworkConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;

/**
 * DynamoDB local, on 127.0.0.1 alone: it has no setting for that, and would listen on all addresses.
 *
 * LoopbackTables OPTION..., those of DynamoDB local
 */
public final class LoopbackTables {
  public static void main(String[] arguments) throws Exception {
    DynamoDBProxyServer tables = ServerRunner.createServerFromCommandLineArgs(arguments);
    int bound = 0;
    for (Class<?> type = tables.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Server.class.isAssignableFrom(field.getType())) continue;
        field.setAccessible(true);
        for (Connector connector : ((Server) field.get(tables)).getConnectors()) {
          ((AbstractNetworkConnector) connector).setHost("127.0.0.1");
          bound++;
        }
      }
    }
    if (bound == 0) throw new IllegalStateException("This version keeps its server elsewhere.");
    tables.start();
    tables.join();
  }
}
