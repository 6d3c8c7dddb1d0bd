import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric, MetricSource } from './metric.js';

/**
 * What Node tells of the process: CPU, memory, uptime, and how late the event loop is. Names are those that Prometheus' own clients
 * use.
 */
export function processMetrics(): MetricSource {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const started = Date.now() / 1000 - process.uptime();
  return () => {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const late = delay.percentile(99) / 1e9;
    delay.reset();
    return [
      one('process_cpu_seconds_total', 'counter', 'CPU time of the process.', (user + system) / 1e6),
      one('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', rss),
      one('process_start_time_seconds', 'gauge', 'When the process started, in seconds since 1970.', started),
      one('nodejs_heap_size_used_bytes', 'gauge', 'Heap that is used.', heapUsed),
      one('nodejs_heap_size_total_bytes', 'gauge', 'Heap that is reserved.', heapTotal),
      one('nodejs_external_memory_bytes', 'gauge', 'Memory outside of the heap that the heap holds on to.', external),
      one(
        'nodejs_eventloop_lag_p99_seconds',
        'gauge',
        'How late the event loop was, 99th percentile since the last scrape.',
        late,
      ),
    ];
  };
}

function one(name: string, type: 'counter' | 'gauge', help: string, value: number): Metric {
  return { name, type, help, samples: [{ value }] };
}
