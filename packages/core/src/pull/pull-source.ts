import type { Destination } from '../beam/beam.js';
import type { Staging } from '../journal/staging.js';
import type { Endpoint } from './endpoint.js';
import type { OwnLogs } from './pull-station.js';
import type { SupervisorPlan } from './supervisor-spec.js';

/** What Druid pulls from: our journal, or somebody's Kafka. */
export interface PullSource {
  /** One for each partition that events may go to. */
  readonly destinations: readonly Destination[];
  /** What Druid has to know to read it. */
  readonly plan: Pick<SupervisorPlan, 'topic' | 'address' | 'servers' | 'journal' | 'isFresh' | 'consumerProperties'>;
  /** What we serve ourselves, so that we can see whether it is read. */
  readonly served: { readonly endpoint: Pick<Endpoint, 'nodes' | 'reading'>; readonly logs: OwnLogs };
  /** Whether there is anything that Druid may have to read. */
  readonly isEmpty: boolean;
  /** Events taken since it was opened that need us to be read. */
  readonly unread: number;
  /** Whether there are events that need us to be read, or needed us. */
  readonly hasServed: boolean;
  /** Whether nobody else serves events of this dataSource, as far as we know. */
  readonly isAlone: boolean;
  /** The directory of the journal, if it is one. */
  readonly journal?: string;
  /** What shows events to Druid, where that is not done as they come. */
  readonly staging?: Staging;
  /** Whether it had events when it was opened that Druid has not read, as far as is known: it tells only by asking for what is next. */
  isBehind(): Promise<boolean>;
  close(): Promise<void>;
}

/** Says when events may be taken, and throws why they may not. */
export type Ready = (signal: AbortSignal) => Promise<void>;
