/** Real faults on a real Redis: killed and restarted, connections cut in the middle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import {
  connectRedisStore,
  foldPartition,
  MailReader,
  Sender,
  startOrchestration,
  systemClock,
  type LogStore,
} from '../src/index.ts';
import { startRedis, type RunningRedis } from '../../testkit/src/redis-launcher.ts';
import { accounts, bank, order } from './bank.ts';
import { until, type StoreFixture } from './support.ts';

const partitions = 4;
let redis: RunningRedis;
const fixture = {
  clock: systemClock,
  pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
} as StoreFixture;
const connect = (namespace: string) => connectRedisStore({ url: redis.url, namespace, commandTimeoutMs: 500 });

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

/** Transfers between all accounts, `rounds` of them 2 ms apart, while `disturb` does its work; then everything must be right. */
async function survives(namespace: string, rounds: number, disturb: () => Promise<void>): Promise<void> {
  const stores: LogStore[] = await Promise.all([0, 1, 2, 3].map(() => connect(namespace)));
  const [one, two, outside, checking] = stores as [LogStore, LogStore, LogStore, LogStore];
  const owners = await Promise.all(
    [one, two].map((store, n) =>
      startOrchestration({ store, partitions, domain: bank, processID: `o${String(n)}`, clock: systemClock }),
    ),
  );
  await until(fixture, 'they are ready', () => owners.every((owner) => owner.isReady()));
  const sender = new Sender({ store: outside, src: 'g', clock: systemClock });
  const heard: string[] = [];
  const handle = async (mails: readonly { body: string }[]) =>
    void heard.push(...mails.map(({ body }) => (JSON.parse(body) as { text: string }).text));
  const reader = new MailReader({ store: outside, process: 'g', clock: systemClock, handle });
  reader.start();
  const disturbing = disturb();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const from = `${String(n % partitions)}:from`;
    sent.push(order(sender, { type: 'transfer', key: from, to: `${String((n * 7 + 1) % partitions)}:to`, amount: 1 }));
    sent.push(order(sender, { type: 'show', key: from, process: 'g', ref: `n${String(n)}` }));
    await fixture.pass(2);
  }
  await Promise.all([disturbing, ...sent]);
  await until(fixture, 'all arrived', async () => {
    const totals = [...(await accounts(checking, partitions))].filter(([key]) => key.endsWith('to'));
    return totals.reduce((sum, [, { total }]) => sum + total, 0) === rounds && new Set(heard).size >= rounds;
  });
  expect(new Set(heard).size).toBe(rounds);
  for (let number = 0; number < partitions; number += 1) {
    expect((await foldPartition(checking, bank, number)).differences).toEqual([]);
  }
  await reader.stop();
  await Promise.all(owners.map((owner) => owner.stop()));
  await Promise.all(stores.map((store) => store.close()));
}

describe('on a real Redis', () => {
  it('nothing is lost or done twice while it is killed and comes back', async () => {
    await survives('killed', 800, async () => {
      await fixture.pass(300);
      await redis.kill();
      await fixture.pass(300);
      await redis.restart();
    });
  });

  it('nothing is lost or done twice while all connections are cut again and again', async () => {
    const cutter = new Redis(redis.url);
    await survives('cut', 800, async () => {
      for (let n = 0; n < 25; n += 1) {
        await fixture.pass(60);
        await cutter.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      }
    });
    cutter.disconnect();
  });

  it('nothing is lost or done twice while it stands still for longer than a command may take', async () => {
    const pauser = new Redis(redis.url);
    await survives('paused', 600, async () => {
      await fixture.pass(200);
      await pauser.call('CLIENT', 'PAUSE', '900', 'ALL');
    });
    pauser.disconnect();
  });

  it('is refused at once if Redis is not there', async () => {
    await expect(connectRedisStore({ url: 'redis://127.0.0.1:1', namespace: 'x' })).rejects.toMatchObject({
      temporary: true,
    });
  });
});
