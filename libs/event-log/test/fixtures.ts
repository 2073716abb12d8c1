/** The two stores that the contract and the owner's loop are held to. */
import {
  MemoryServer,
  MemoryStore,
  VirtualClock,
  connectRedisStore,
  systemClock,
  type Limits,
  type LogStore,
} from '../src/index.ts';
import { startRedis } from '@switchboard/testkit';
import type { StoreFixture } from './support.ts';

export function memoryFixture(): Promise<StoreFixture> {
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
    close: () => Promise.resolve(),
  });
}

export async function redisFixture(): Promise<StoreFixture> {
  const redis = await startRedis();
  return {
    clock: systemClock,
    open: (namespace, limits = {}): Promise<LogStore> => connectRedisStore({ url: redis.url, namespace, limits }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    close: () => redis.stop(),
  };
}
