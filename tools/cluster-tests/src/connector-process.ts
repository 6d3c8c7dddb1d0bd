import { CommandProcess } from './command-process.js';
import { eventually } from './real-kafka.js';

/** `tranquility kafka` or `tranquility kinesis`, as a user runs it, until it is ended. */
export class ConnectorProcess extends CommandProcess {
  constructor(config: string, command: 'kafka' | 'kinesis' = 'kafka') {
    super(command, '-configFile', config);
  }

  /** Resolves when it has partitions. */
  async joined(): Promise<void> {
    await eventually(() => {
      this.check();
      return this.log.includes('are ours');
    });
  }
}
