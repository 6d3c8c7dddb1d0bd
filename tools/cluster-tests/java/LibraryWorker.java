import java.net.URI;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.core.client.builder.SdkClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.StreamIdentifier;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.MetricsLevel;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * A worker of an application of the Kinesis Client Library. It prints what happens to it, a line each:
 *
 * <ul>
 *   <li>begins SHARD
 *   <li>record SHARD DATA
 *   <li>settled SHARD, when a checkpoint stands behind the last of these records
 *   <li>ended SHARD, when a checkpoint stands at the shard's end
 *   <li>lost SHARD
 * </ul>
 *
 * It writes a checkpoint behind every so many records of a shard. It ends with its standard input, at once, as a crash would end it.
 *
 * LibraryWorker KINESIS DYNAMODB STREAM APPLICATION WORKER FAILOVER_MILLIS CHECKPOINT_RECORDS
 */
public final class LibraryWorker {
  public static void main(String[] arguments) throws Exception {
    URI kinesisUrl = URI.create(arguments[0]);
    URI tablesUrl = URI.create(arguments[1]);
    String stream = arguments[2];
    String application = arguments[3];
    String worker = arguments[4];
    long failoverMillis = Long.parseLong(arguments[5]);
    int checkpointRecords = Integer.parseInt(arguments[6]);

    KinesisAsyncClient kinesis = at(kinesisUrl, KinesisAsyncClient.builder());
    DynamoDbAsyncClient tables = at(tablesUrl, DynamoDbAsyncClient.builder());
    // Never spoken to: no metrics are sent.
    CloudWatchAsyncClient metrics = at(kinesisUrl, CloudWatchAsyncClient.builder());

    SingleStreamTracker tracker =
        new SingleStreamTracker(
            StreamIdentifier.singleStreamInstance(stream),
            InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON));
    ConfigsBuilder configs =
        new ConfigsBuilder(
            tracker, application, kinesis, tables, metrics, worker, () -> new Printer(checkpointRecords));
    Scheduler scheduler =
        new Scheduler(
            configs.checkpointConfig(),
            configs.coordinatorConfig().parentShardPollIntervalMillis(500).shardConsumerDispatchPollIntervalMillis(200),
            configs
                .leaseManagementConfig()
                .failoverTimeMillis(failoverMillis)
                .shardSyncIntervalMillis(1000)
                .billingMode(BillingMode.PAY_PER_REQUEST),
            configs.lifecycleConfig(),
            configs.metricsConfig().metricsLevel(MetricsLevel.NONE).metricsFactory(new NullMetricsFactory()),
            configs.processorConfig(),
            configs
                .retrievalConfig()
                .retrievalSpecificConfig(new PollingConfig(kinesis).idleTimeBetweenReadsInMillis(200)));
    Thread thread = new Thread(scheduler);
    thread.setDaemon(true);
    thread.start();

    while (System.in.read() >= 0) continue;
    Runtime.getRuntime().halt(0);
  }

  private static <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C> & SdkClientBuilder<B, C>, C> C at(
      URI url, B builder) {
    return builder
        .endpointOverride(url)
        .credentialsProvider(EnvironmentVariableCredentialsProvider.create())
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
        .build();
  }

  private static synchronized void print(String what, String shard, String more) {
    System.out.println(what + " " + shard + more);
  }

  /** Prints the records of one shard. */
  private static final class Printer implements ShardRecordProcessor {
    private final int checkpointRecords;
    private String shard;
    private int sinceCheckpoint;

    Printer(int checkpointRecords) {
      this.checkpointRecords = checkpointRecords;
    }

    @Override
    public void initialize(InitializationInput input) {
      shard = input.shardId();
      print("begins", shard, "");
    }

    @Override
    public void processRecords(ProcessRecordsInput input) {
      for (KinesisClientRecord record : input.records()) {
        byte[] data = new byte[record.data().remaining()];
        record.data().get(data);
        print("record", shard, " " + new String(data));
        if (++sinceCheckpoint < checkpointRecords) continue;
        sinceCheckpoint = 0;
        try {
          input.checkpointer().checkpoint(record.sequenceNumber(), record.subSequenceNumber());
          print("settled", shard, "");
        } catch (Exception error) {
          throw new IllegalStateException(error);
        }
      }
    }

    @Override
    public void leaseLost(LeaseLostInput input) {
      print("lost", shard, "");
    }

    @Override
    public void shardEnded(ShardEndedInput input) {
      checkpoint(input.checkpointer(), "ended");
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {
      checkpoint(input.checkpointer(), "settled");
    }

    private void checkpoint(RecordProcessorCheckpointer checkpointer, String what) {
      try {
        checkpointer.checkpoint();
        print(what, shard, "");
      } catch (Exception error) {
        throw new IllegalStateException(error);
      }
    }
  }
}
