/** A real Redis whose memory or disk is full, and owners who must live through it. */
import { askRedis, mountTinyDisk, startRedis, within, type RunningRedis, type TinyDisk } from '@switchboard/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Beater,
  connectRedisStore,
  foldPartition,
  Sender,
  startOrchestration,
  systemClock,
  type Logger,
  type LogStore,
} from '../src/index.ts';
import { account, bank, order } from './bank.ts';
import { change, commitAfter, mails, partition, until, type StoreFixture } from './support.ts';

const partitions = 4;
const clock = systemClock;
const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const fixture = { clock, pass } as StoreFixture;

let redis: RunningRedis;
let disk: TinyDisk | undefined;
let stores: LogStore[] = [];
const running: { halt(): Promise<void> | void }[] = [];
const use = async (options: Parameters<typeof startRedis>[0] = {}) => {
  redis = await startRedis(options);
};
const ask = (command: string, ...args: string[]) => askRedis(redis, command, ...args);
const connect = async (log?: Logger) => {
  const store = await connectRedisStore({ url: redis.url, namespace: 'short', ...(log ? { log } : {}) });
  stores.push(store);
  return store;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.halt()));
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
  await redis.stop();
  await disk?.unmount();
  disk = undefined;
});

describe('memory', () => {
  beforeEach(() => use());

  it('may not be made by throwing keys away', async () => {
    const store = await connect();
    await ask('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    await store.open(8);
    await ask('CONFIG', 'SET', 'maxmemory', '64mb');
    await expect(store.open(8)).rejects.toMatchObject({ code: 'unfit', temporary: false });
    await ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await store.open(8);
  });

  it('is taken from the reserve also by scripts that Redis has forgotten', async () => {
    const store = await connect();
    const head = await store.take(1, 'A', 5000);
    await ask('CONFIG', 'SET', 'maxmemory', '1');
    await ask('SCRIPT', 'FLUSH');
    expect(await store.commit(1, commitAfter(head!, { changes: [change('x')] }))).toMatchObject({ kind: 'done' });
    expect(await store.append(partition(1), 'g', mails(1, 1))).toMatchObject({ kind: 'appended' });
    await expect(store.append(partition(1), 'g', mails(2, 2), true)).rejects.toMatchObject({ code: 'exhausted' });
  });
});

/** Owners, a gateway that beats, and whatever they find worth a warning. */
async function cluster() {
  const warnings: string[] = [];
  const errors: string[] = [];
  const log: Logger = {
    info: () => undefined,
    warn: (_fields, message) => warnings.push(message),
    error: (_fields, message) => errors.push(message),
  };
  const owners = await Promise.all(
    ['o1', 'o2'].map(async (processID) => {
      const options = { store: await connect(log), partitions, domain: bank, processID, clock, log };
      return startOrchestration(options);
    }),
  );
  await until(fixture, 'they are ready', () => owners.every((owner) => owner.isReady()));
  const store = await connect(log);
  const beater = new Beater({ store, clock, id: 'g', kind: 'gateway', info: () => '{}', log });
  await beater.start();
  running.push(...owners, beater);
  return { store, sender: new Sender({ store, src: 'g', clock, log }), warnings, errors };
}

/** Longer than a gateway may stand still, and much longer than a lease. */
const FULL_MS = 5000;

it('disk: nobody is declared dead, deadlines wait, nothing is lost, and all goes on when there is room again', async (context) => {
  disk = await mountTinyDisk(8);
  if (disk === undefined) {
    await use();
    context.skip('mounting a tmpfs is not permitted here');
    return;
  }
  await use({ dir: disk.dir });
  const { store, sender, warnings, errors } = await cluster();
  await order(sender, { type: 'watch', key: '1:ann', process: 'g' });
  await order(sender, { type: 'arm', key: '1:ann', inMs: 3000 });
  await until(fixture, 'ann waits', async () => (await account(store, '1:ann'))?.deadline !== undefined);

  await disk.fill();
  const refused = () =>
    ask('SET', 'junk', 'x'.repeat(5000)).then(
      () => false,
      (error: Error) => error.message.startsWith('MISCONF'),
    );
  await until(fixture, 'Redis writes no more', refused);
  const disarmed = order(sender, { type: 'disarm', key: '1:ann' });
  await pass(FULL_MS);
  // Each waits and says so once: owners, who beat, who read the registry, who send.
  for (const warning of new Set(warnings)) {
    expect(warnings.filter((each) => each === warning).length, warning).toBeLessThanOrEqual(partitions);
  }
  expect(errors).toEqual([]);
  expect((await account(store, '1:ann'))?.said).toEqual([]);

  await disk.clear();
  await within(10_000, 'what was said meanwhile arrives', disarmed);
  await until(fixture, 'ann is disarmed', async () => (await account(store, '1:ann'))?.deadline === undefined);
  await order(sender, { type: 'deposit', key: '2:bob', amount: 3 });
  await until(fixture, 'bob has it', async () => (await account(store, '2:bob'))?.total === 3);
  expect(await account(store, '1:ann')).toMatchObject({ said: [], watches: ['g'] });
  for (let number = 0; number < partitions; number += 1) {
    expect((await foldPartition(store, bank, number)).differences).toEqual([]);
  }
}, 40_000);
