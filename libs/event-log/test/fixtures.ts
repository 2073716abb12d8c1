/** The two stores that the contract and the owner's loop are held to. */
import {
  MemoryServer,
  MemoryStore,
  VirtualClock,
  connectRedisStore,
  systemClock,
  type Limits,
  type LogStore,
  type RedisStoreOptions,
} from '../src/index.ts';
import { readFileSync } from 'node:fs';
import { askRedis, startRedis, type RedisSite } from '@switchboard/testkit';
import type { ShortageFixture } from './shortage.ts';
import type { StoreFixture } from './support.ts';

export function memoryFixture(): Promise<ShortageFixture> {
  const clock = new VirtualClock();
  const servers = new Map<string, MemoryServer>();
  return Promise.resolve({
    clock,
    open: (namespace, limits: Partial<Limits> = {}) => {
      const key = namespace + JSON.stringify(limits);
      const server = servers.get(key) ?? new MemoryServer({ clock, limits });
      servers.set(key, server);
      return Promise.resolve(new MemoryStore(server));
    },
    pass: (ms) => clock.advance(ms),
    exhaust: (exhausted) => {
      for (const server of servers.values()) server.exhausted = exhausted;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
}

/** A handle on any Redis, as a service would open it from its environment. */
export function connectTo(
  { url, env = {} }: Pick<RedisSite, 'url' | 'env'>,
  options: Omit<RedisStoreOptions, 'url'>,
): Promise<LogStore> {
  const { REDIS_CA_FILE: caFile, REDIS_SENTINEL_PASSWORD: sentinelPassword } = env;
  return connectRedisStore({
    url,
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...options,
  });
}

export const realTime = {
  clock: systemClock,
  pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

export function redisFixture(start: () => Promise<RedisSite>): () => Promise<StoreFixture> {
  return async () => {
    const site = await start();
    return {
      ...realTime,
      open: (namespace, limits = {}) => connectTo(site, { namespace, limits }),
      close: () => site.stop(),
    };
  };
}

/** A single Redis whose memory can be made to be full. */
export async function tightRedisFixture(): Promise<ShortageFixture> {
  const redis = await startRedis();
  const fixture = await redisFixture(() => Promise.resolve(redis))();
  return {
    ...fixture,
    exhaust: async (exhausted) => void (await askRedis(redis, 'CONFIG', 'SET', 'maxmemory', exhausted ? 1 : 0)),
  };
}
