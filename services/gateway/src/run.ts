/** What the process does between its config and its ready line. */
import { connectRedisStore, isTemporary, sleep, systemClock, type LogStore } from '@switchboard/event-log';
import { createMetrics, logAddress, type ServiceContext } from '@switchboard/service-kit';
import { startGateway } from './app.ts';
import type { GatewayConfig } from './config.ts';

const CONNECT_RETRY_MS = 1000;

export async function runGateway(context: ServiceContext<GatewayConfig>): Promise<void> {
  const { config, logger, shutdown, signal, fail, ready } = context;
  const store = await reachRedis(context);
  if (store === undefined) return;
  shutdown.add('redis', () => store.close());
  const registry = createMetrics({ process: context.processID });
  const gateway = await startGateway({ config, logger, shutdown, signal, fail, store, clock: systemClock, registry });
  ready({ ...gateway });
}

/** Waits for Redis as long as it takes; undefined if the process is stopped meanwhile. */
async function reachRedis(context: ServiceContext<GatewayConfig>): Promise<LogStore | undefined> {
  const { logger, signal } = context;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await openStore(context);
    } catch (err) {
      if (!isTemporary(err)) throw err;
      if (attempt === 0) logger.warn({ err }, 'Redis is not reached yet');
      await sleep(systemClock, CONNECT_RETRY_MS, signal);
    }
  }
  return undefined;
}

async function openStore({ config, logger }: ServiceContext<GatewayConfig>): Promise<LogStore> {
  const store = await connectRedisStore({ ...logAddress(config), log: logger });
  try {
    await store.open(config.PARTITIONS);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
