/** What `GET /v1/live` and `GET /v1/status` answer, as far as the page reads it. */

export interface Counters {
  readonly received: number;
  readonly sent: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly failed: number;
  readonly lost: number;
  readonly batches: number;
  readonly bytes: number;
  readonly retries: number;
  readonly tasksCreated: number;
  readonly tasksAdopted: number;
}

export interface Posts {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface LiveDataSource {
  readonly dataSource: string;
  readonly lane: string | null;
  readonly counters: Counters;
  readonly posts: Posts;
}

export interface Sample {
  readonly at: string;
  readonly message: string;
  readonly line?: number;
  readonly byte?: number;
  readonly event: string | null;
}

export interface Rejection {
  readonly dataSource: string | null;
  readonly reason: string;
  readonly count: number;
  readonly samples: readonly Sample[];
}

export interface Live {
  readonly at: string;
  readonly dataSources: readonly LiveDataSource[];
  readonly answers: Readonly<Record<string, number>>;
  readonly rejections: readonly Rejection[];
}

export interface Task {
  readonly id: string;
  /** `start/end` */
  readonly interval: string;
  readonly partition: number;
  readonly replicant: number;
  readonly generation: number;
  readonly state: string;
  readonly location: string | null;
  readonly error: string | null;
}

export interface Alarm {
  readonly reason: string;
  readonly message: string;
}

export interface Supervisor {
  readonly owner: string;
  readonly reads: string;
  readonly state: string;
  readonly detailedState: string;
  readonly healthy: boolean;
  readonly suspendedBy: string | null;
  readonly tasks: readonly { readonly id: string; readonly state: string; readonly location: string | null }[];
  readonly partitions: readonly {
    readonly partition: number;
    readonly offset: number | null;
    readonly lag: number | null;
  }[];
  readonly errors: readonly string[];
  readonly alarms: readonly Alarm[];
}

export interface StatusDataSource {
  readonly dataSource: string;
  readonly lane: string | null;
  readonly laneReason: string | null;
  readonly segmentGranularity: string;
  readonly windowPeriod: string;
  readonly window: { readonly start: string; readonly end: string };
  readonly partitions: number;
  readonly replicants: number;
  readonly timestampColumn: string;
  readonly dimensions: readonly string[];
  readonly configSince: string;
  readonly tasks: readonly Task[];
  readonly supervisor: Supervisor | null;
  readonly journal: {
    readonly directory: string;
    readonly writer: string | null;
    readonly bytes: number | null;
  } | null;
  /** Events in a journal that realtime tasks have not acknowledged; null where there is none. */
  readonly waiting: number | null;
  readonly alarms: readonly Alarm[];
}

export interface Status {
  readonly started: string;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly dataSources: readonly StatusDataSource[];
  readonly workers: readonly { readonly host: string; readonly capacity: number; readonly used: number }[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** One dataSource over the last second or so. */
export interface Point {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Events a second. */
  readonly received: number;
  readonly sent: number;
  readonly rejected: number;
  /** Milliseconds. */
  readonly p50: number | null;
  readonly p99: number | null;
}
