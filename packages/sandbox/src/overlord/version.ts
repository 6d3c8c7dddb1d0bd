import { druidException, failure, type Answer } from '../http/answer.js';

/** What differs between the versions of Druid that the sandbox can pass for. */
export class DruidVersion {
  readonly text: string;
  readonly #major: number;

  /** @throws RangeError when the text does not begin with a number. */
  constructor(text: string) {
    this.text = text;
    // Before 24 came 0.x: 0.23 counts as 23.
    const [major = NaN, minor = NaN] = text.split('.').map((part) => Number.parseInt(part, 10));
    this.#major = major === 0 ? minor : major;
    if (Number.isNaN(this.#major)) {
      throw new RangeError(`The version "${text}" is none of Druid. Give one such as 28.0.0.`);
    }
  }

  /** The types of tasks that are known, beside those that the sandbox does. */
  get taskTypes(): readonly string[] {
    return this.hasRealtimeTasks ? [...realtimeTypes, ...otherTypes] : otherTypes;
  }

  get hasRealtimeTasks(): boolean {
    return this.#major < 31;
  }

  duplicateTask(id: string): Answer {
    if (this.#major >= 30) {
      return druidException(400, {
        errorCode: 'entryAlreadyExists',
        category: 'INVALID_INPUT',
        errorMessage: `Task[${id}] already exists`,
        context: {},
      });
    }
    return failure(400, this.#major >= 24 ? `Task [${id}] already exists.` : `Task[${id}] already exists!`);
  }
}

const realtimeTypes = ['index_realtime', 'index_realtime_appenderator'];
const otherTypes = [
  ...['archive', 'compact', 'index', 'index_hadoop', 'index_kafka', 'index_kinesis', 'index_parallel', 'kill', 'move'],
  ...['noop', 'partial_dimension_cardinality', 'partial_dimension_distribution', 'partial_index_generate'],
  ...['partial_index_generic_merge', 'partial_range_index_generate', 'query_controller', 'query_worker', 'restore'],
  'single_phase_sub_task',
];
