import requestQueue from 'kafkajs/src/network/requestQueue/index.js';

interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
}

interface Schedules {
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

let isQuiet = false;

/**
 * kafkajs looks each millisecond whether a request waits, be it that none does: 3 % of a core for an idle consumer. This lets it look only
 * where a request waits, or brokers have asked for a pause.
 */
export function quietQueues(): void {
  if (isQuiet) return;
  isQuiet = true;
  const prototype = requestQueue.prototype as Schedules;
  const { scheduleCheckPendingRequests } = prototype;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheckPendingRequests.call(this);
  };
}
