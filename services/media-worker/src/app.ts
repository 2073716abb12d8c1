/** The one place where a media worker is put together. It owns the pipelines of one media server; it knows no users. */
import { randomUUID } from 'node:crypto';
import { connectRedisStore, systemClock } from '@switchboard/event-log';
import { createMetrics, logAddress, startHealthServer, type ServiceContext } from '@switchboard/service-kit';
import { workerIDOf, type Config } from './config.ts';
import { createWorkerMetrics } from './metrics.ts';
import { waitForPredecessor } from './takeover.ts';
import { Worker } from './worker.ts';

export async function startMediaWorker(context: ServiceContext<Config>): Promise<void> {
  const { config, logger, shutdown, signal } = context;
  const workerID = workerIDOf(config);
  const registry = createMetrics({ worker: workerID });
  const running: { worker?: Worker } = {};
  const health = await startHealthServer({
    host: config.HEALTH_HOST,
    port: config.HEALTH_PORT,
    ready: () => running.worker?.ready() ?? 'has not joined the cluster yet',
    registry,
  });
  shutdown.add('health', () => health.close());

  const store = await connectRedisStore({ ...logAddress(config), log: logger });
  shutdown.add('redis', () => store.close());
  await store.open(config.PARTITIONS);
  await waitForPredecessor(store, systemClock, { id: workerID, signal });
  if (signal.aborted) return;

  const worker = new Worker({
    ...{ store, workerID, clock: systemClock, log: logger, metrics: createWorkerMetrics(registry) },
    incarnation: randomUUID().slice(0, 8),
    namespace: config.NAMESPACE,
    kurento: { url: config.KMS_URL, deadlineMs: config.KMS_DEADLINE_MS },
    capacity: config.CAPACITY,
    onGone: () => context.fail(new Error('the cluster took this worker for dead')),
  });
  running.worker = worker;
  shutdown.add('worker', () => worker.stop(), 10_000);
  shutdown.add('drain', () => worker.drain());
  await worker.start();
  if (!signal.aborted) context.ready({ port: health.port, workerID });
}
