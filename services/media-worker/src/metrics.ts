import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from '@switchboard/service-kit';
import type { CallObserver } from './kurento/port.ts';
import type { FailureCause } from './legs/outbox.ts';

export interface WorkerMetrics {
  readonly kmsCall: CallObserver;
  failed(cause: FailureCause, code: string): void;
  /** A message in the mailbox that nobody can read. */
  unreadable(): void;
  /** Asked at each scrape. */
  watch(sizes: { calls: () => number; legs: () => number; connected: () => boolean }): void;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const latency = new Histogram({
    name: 'switchboard_kms_call_seconds',
    help: 'Calls of the media server by method and result',
    labelNames: ['method', 'code'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const failures = new Counter({
    name: 'switchboard_media_failures_total',
    help: 'Attempts that failed, by what the Call was told and the code of the error',
    labelNames: ['cause', 'code'] as const,
    registers,
  });
  const unreadable = new Counter({
    name: 'switchboard_worker_unreadable_messages_total',
    help: 'Messages in the mailbox that are none',
    registers,
  });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  return {
    kmsCall: ({ method, ms, code }) => latency.observe({ method, code }, ms / 1000),
    failed: (cause, code) => failures.inc({ cause, code }),
    unreadable: () => unreadable.inc(),
    watch: ({ calls, legs, connected }) => {
      gauge('switchboard_worker_calls', 'Calls that have something on the media server', calls);
      gauge('switchboard_worker_legs', 'Legs on the media server', legs);
      gauge('switchboard_kms_connected', '1 while the media server can be reached', () => Number(connected()));
    },
  };
}
