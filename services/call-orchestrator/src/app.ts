/** The one place where an orchestrator is put together. It owns partitions and runs the model; it knows no socket and no SDP. */
import { DEFAULT_POLICY, type Policy } from '@switchboard/call-model';
import {
  connectRedisStore,
  Liveness,
  startOrchestration,
  systemClock,
  type Beat,
  type Orchestration,
} from '@switchboard/event-log';
import { createMetrics, logAddress, startHealthServer, type ServiceContext } from '@switchboard/service-kit';
import { randomUUID } from 'node:crypto';
import type { Config } from './config.ts';
import { createDomain } from './domain.ts';
import { createJournal } from './journal.ts';
import { observe } from './metrics.ts';
import { Placement } from './placement.ts';
import { Reconciler } from './reconcile.ts';

/** Between two looks at the registry, ms: orchestrators must see each other's death within a lease. */
const REGISTRY_PERIOD_MS = 250;

export async function startOrchestrator({
  config,
  logger,
  shutdown,
  ready,
  signal,
}: ServiceContext<Config>): Promise<void> {
  const registry = createMetrics();
  let running: Pick<Orchestration, 'isReady' | 'owned'> = { isReady: () => false, owned: () => [] };
  const isReady = () => running.isReady() || 'has not found its share of the partitions yet';
  const health = await startHealthServer({
    host: config.HEALTH_HOST,
    port: config.HEALTH_PORT,
    ready: isReady,
    registry,
  });
  shutdown.add('health', () => health.close());

  const store = await connectRedisStore({ ...logAddress(config), log: logger });
  shutdown.add('redis', () => store.close());
  await store.open(config.PARTITIONS);

  const liveness = new Liveness({ store, clock: systemClock, periodMs: REGISTRY_PERIOD_MS, log: logger });
  liveness.start();
  shutdown.add('registry', () => liveness.stop());
  const domain = createDomain({
    partitions: config.PARTITIONS,
    policy: policyOf(config),
    placement: new Placement(() => workersOf(liveness)),
  });

  const processID = `orch-${randomUUID()}`;
  const reconciler = new Reconciler({ store, clock: systemClock, log: logger, liveness, processID });
  shutdown.add('reconciler', () => {
    reconciler.close();
  });
  const orchestration = await startOrchestration({
    store,
    partitions: config.PARTITIONS,
    domain,
    processID,
    clock: systemClock,
    log: logger,
    observer: observe(registry, () => running.owned().length, createJournal(logger, registry)),
    liveness,
    leaseMs: config.LEASE_MS,
    onRegressed: (partition) => {
      reconciler.ask(partition);
    },
  });
  shutdown.add('partitions', () => orchestration.stop(), 10_000);
  running = orchestration;
  await orchestration.ready;
  if (!signal.aborted) ready({ port: health.port, partitions: orchestration.owned().length });
}

/** Those that are alive. Who has just started has seen none of them beat yet: then those that are registered. */
function workersOf(liveness: Liveness): readonly Beat[] {
  const registered = liveness.beats().filter(({ kind }) => kind === 'worker');
  const alive = registered.filter(({ id }) => liveness.status(id) === 'alive');
  return alive.length > 0 ? alive : registered.filter(({ id }) => liveness.status(id) === 'unknown');
}

const policyOf = ({ RING_MS, SETUP_MS, GRACE_MS, MAX_CALL_MS, OFFLINE_CALLEE }: Config): Policy => ({
  ...DEFAULT_POLICY,
  ringMs: RING_MS,
  setupMs: SETUP_MS,
  graceMs: GRACE_MS,
  maxCallMs: MAX_CALL_MS,
  offlineCallee: OFFLINE_CALLEE,
});
