import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;

/**
 * Takes Curator's lock again and again, as Tranquility does. Arguments: the ZooKeeper, the lock's path, how often, a file that
 * exists while somebody is in the critical section. Prints how often another was in it.
 */
public final class CuratorPeer {
  public static void main(String[] args) throws Exception {
    CuratorFramework curator = CuratorFrameworkFactory.newClient(args[0], 10_000, 5_000, new ExponentialBackoffRetry(100, 5));
    curator.start();
    InterProcessSemaphoreMutex mutex = new InterProcessSemaphoreMutex(curator, args[1]);
    Path marker = Path.of(args[3]);
    int overlaps = 0;
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      if (!mutex.acquire(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("No lock within a minute.");
      }
      try {
        Files.write(marker, new byte[0], StandardOpenOption.CREATE_NEW);
        Thread.sleep(2);
        Files.delete(marker);
      } catch (java.nio.file.FileAlreadyExistsException | java.nio.file.NoSuchFileException error) {
        overlaps++;
      } finally {
        mutex.release();
      }
    }
    curator.close();
    System.out.println(overlaps);
  }
}
