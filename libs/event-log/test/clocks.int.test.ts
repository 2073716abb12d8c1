/** One process whose clocks are half a minute off, beside one whose are right: only the store's time decides. */
import { eventually, startRedis, type RunningRedis } from '@switchboard/testkit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connectRedisStore, Sender, startOrchestration, systemClock, type Clock, type LogStore } from '../src/index.ts';
import { account, bank, order } from './bank.ts';

const partitions = 8;
const offMs = 30_000;
const inMs = 700;
let redis: RunningRedis;
let stores: LogStore[] = [];

beforeEach(async () => {
  redis = await startRedis();
  stores = await Promise.all([0, 1, 2].map(() => connectRedisStore({ url: redis.url, namespace: 'c' })));
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(stores.map((store) => store.close()));
  await redis.stop();
});

it.each([offMs, -offMs])(
  'a process whose clocks are %s ms off fires deadlines in time and loses no lease',
  async (off) => {
    const [right, wrong, outside] = stores as [LogStore, LogStore, LogStore];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + off });
    const askew: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + off };
    const changes: string[] = [];
    const options = {
      partitions,
      domain: bank,
      observer: { ownership: ({ kind }: { kind: string }) => changes.push(kind) },
    };
    const running = await Promise.all([
      startOrchestration({ ...options, store: right, clock: systemClock, processID: 'right' }),
      startOrchestration({ ...options, store: wrong, clock: askew, processID: 'wrong' }),
    ]);
    await eventually('they share', () => running.every((one) => one.isReady() && one.owned().length > 0), 20_000);
    changes.length = 0;
    const sender = new Sender({ store: outside, src: 'g', clock: systemClock });
    const keys = Array.from({ length: partitions }, (_, number) => `${String(number)}:ann`);
    await Promise.all(keys.map((key) => order(sender, { type: 'arm', key, inMs })));
    for (const key of keys) {
      await eventually(`${key} fired`, async () => (await account(outside, key))?.said.includes('fired') === true);
    }
    const seenBy = await outside.now();
    for (let number = 0; number < partitions; number += 1) {
      const [armed, fired] = await outside.events(number, { commit: 0, index: 0 }, 10);
      const late = (fired?.at ?? 0) - (armed?.at ?? 0) - inMs;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(250);
      expect(Math.abs(seenBy - (fired?.at ?? 0))).toBeLessThan(offMs / 2);
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(changes).toEqual([]);
    await Promise.all(running.map((one) => one.stop()));
  },
);
