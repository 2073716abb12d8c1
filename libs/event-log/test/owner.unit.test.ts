/** What broke, or could have: owners under a virtual clock, with faults put exactly where they hurt. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  LogError,
  MemoryServer,
  MemoryStore,
  PartitionOwner,
  Sender,
  startOrchestration,
  VirtualClock,
  type Faults,
  type LogStore,
  type Observer,
  type Orchestration,
  type OwnerOptions,
} from '../src/index.ts';
import { account, bank, order, type BankCommand } from './bank.ts';
import { partition } from './support.ts';

let clock: VirtualClock;
let server: MemoryServer;
let store: LogStore;
let count = 0;
const random = () => 0.5;
const retention = { eventsMs: 3_600_000, eventsCount: 10_000 };

beforeEach(() => {
  clock = new VirtualClock();
  server = new MemoryServer({ clock });
  store = new MemoryStore(server);
  count = 0;
});

const gateway = (faults: Faults = {}) =>
  new Sender({ store: new MemoryStore(server, faults), src: 'g', clock, random });
const launch = (processID: string, faults: Faults = {}, observer: Observer = {}): Promise<Orchestration> =>
  startOrchestration({
    ...{ store: new MemoryStore(server, faults), partitions: 2, domain: bank, processID, clock, random, observer },
  });

/** An owner of partition 1 without a reader of its own: it reads mail before deadlines only. */
const own = async (faults: Faults = {}, more: Partial<OwnerOptions> = {}) => {
  const token = `t${String((count += 1))}`;
  const head = await store.take(1, token, 1500);
  if (head === undefined) throw new Error('not taken');
  const mine = new MemoryStore(server, faults);
  const options = { store: mine, domain: bank, clock, leaseMs: 1500, retention, random, ...more };
  const owner = new PartitionOwner(options, { partition: 1, token, head });
  await clock.advance(1);
  const tell = async (...commands: BankCommand[]) => {
    const sender = gateway();
    await Promise.all(commands.map((command) => order(sender, command)));
    owner.offer(owner.wants ?? '0', await store.read(partition(1), owner.wants ?? '0', 100));
    await clock.advance(1);
  };
  return { owner, tell };
};

describe('deadlines', () => {
  it('give the time back that an outage took, also where the owner had nothing to ask meanwhile', async () => {
    let away = false;
    const faults = {
      before: () => {
        if (away) throw new LogError('unavailable', 'away');
      },
    };
    await launch('o1', faults);
    const sender = gateway(faults);
    await clock.advance(2000);
    await order(sender, { type: 'arm', key: '1:ann', inMs: 15_000 });
    await clock.advance(6000);
    away = true;
    await clock.advance(4000);
    const accept = order(sender, { type: 'disarm', key: '1:ann' });
    await clock.advance(4950);
    away = false;
    await clock.advance(8000);
    await accept;
    await clock.advance(1000);
    const ann = await account(store, '1:ann');
    expect({ deadline: ann?.deadline, said: ann?.said }).toEqual({ deadline: undefined, said: [] });
  });

  it('wait while the store can be read but takes no writes, and for as long again', async () => {
    const reads = ['now', 'read', 'wait', 'load', 'blobs', 'watchers', 'events', 'aggregates'];
    let full = false;
    const faults = {
      before: (operation: string) => {
        if (full && !reads.includes(operation)) throw new LogError('unavailable', 'no room');
      },
    };
    await launch('o1', faults);
    const sender = gateway(faults);
    await clock.advance(2000);
    await order(sender, { type: 'arm', key: '1:ann', inMs: 10_000 });
    await order(sender, { type: 'arm', key: '1:bob', inMs: 10_000 });
    await clock.advance(7000);
    full = true;
    const accept = order(sender, { type: 'disarm', key: '1:ann' });
    await clock.advance(6000);
    full = false;
    await clock.advance(5500);
    await accept;
    const said = async (key: string) => (await account(store, key))?.said;
    expect([await said('1:ann'), await said('1:bob')]).toEqual([[], []]);
    await clock.advance(1500);
    expect([await said('1:ann'), await said('1:bob')]).toEqual([[], ['fired']]);
  });

  it('do not fire in the middle of an outage that began after the inbox was read', async () => {
    let away = false;
    const faults = {
      before: (operation: string) => {
        if (away || operation === 'due') away = true;
        if (away) throw new LogError('unavailable', 'away');
      },
    };
    const { owner, tell } = await own(faults);
    await tell({ type: 'arm', key: '1:ann', inMs: 500 });
    await clock.advance(6000);
    expect(away).toBe(true);
    await order(gateway(), { type: 'receive', key: '1:ann', amount: 0 });
    faults.before = (operation: string) => {
      if (operation === 'due') firing = true;
    };
    let firing = false;
    await clock.advance(2100);
    expect((await account(store, '1:ann'))?.said).toEqual([]);
    await clock.advance(10_000);
    expect(firing).toBe(true);
    expect((await account(store, '1:ann'))?.said).toEqual(['fired']);
    owner.halt();
  });

  it('that passed after the inbox was read wait for what came meanwhile: the owner was frozen in between', async () => {
    let frozen: Promise<void> | undefined;
    const { owner, tell } = await own({ after: () => frozen });
    await tell({ type: 'arm', key: '1:ann', inMs: 100 }, { type: 'arm', key: '1:bob', inMs: 1000 });
    let thaw: () => void = () => undefined;
    frozen = new Promise((resolve) => (thaw = resolve));
    await clock.advance(500);
    await order(new Sender({ store, src: 'g2', clock }), { type: 'disarm', key: '1:bob' });
    await clock.advance(1000);
    frozen = undefined;
    thaw();
    await clock.advance(500);
    expect((await account(store, '1:ann'))?.said).toEqual(['fired']);
    expect((await account(store, '1:bob'))?.said).toEqual([]);
    owner.halt();
  });
});

describe('a partition that is handed over', () => {
  it('is taken within 50 ms, by one who knew that it would come', async () => {
    const changes: { kind: string; partition: number; at: number }[] = [];
    const observer: Observer = { ownership: (change) => changes.push({ ...change, at: clock.monotonic() }) };
    await launch('o1', {}, observer);
    const second = await launch('o2', {}, observer);
    await clock.advance(10_000);
    const [theirs] = second.owned();
    changes.length = 0;
    const stopped = second.stop();
    await clock.advance(2000);
    await stopped;
    const when = (kind: string) => changes.find((change) => change.kind === kind && change.partition === theirs)?.at;
    expect(when('taken')! - when('released')!).toBeLessThan(50);
  });
});

describe('what the store refuses for good', () => {
  const refusing = (times: number) => {
    const refused: number[] = [];
    const after = (operation: string) => {
      if (operation !== 'commit' || refused.length >= times || !refusals.on) return;
      refused.push(clock.monotonic());
      throw new LogError('internal', 'ERR in the middle of the script');
    };
    const refusals = { on: false, refused, after };
    return refusals;
  };

  it('is not repeated as if it had not happened: the owner gives the partition up at once', async () => {
    const refusals = refusing(1);
    const { owner, tell } = await own(refusals);
    refusals.on = true;
    await tell({ type: 'deposit', key: '1:ann', amount: 1 });
    expect(await owner.ended).toBe('failed');
    expect(refusals.refused).toHaveLength(1);
    expect(await store.holder(1)).toBeUndefined();
  });

  it('lets another owner try, and this one again, later each time', async () => {
    const changes: string[] = [];
    const refusals = refusing(Infinity);
    const first = await launch('o1', refusals, {
      ownership: ({ partition: number, kind }) => changes.push(`${String(number)} ${kind}`),
    });
    await clock.advance(2000);
    expect(first.owned()).toEqual([0, 1]);
    refusals.on = true;
    await order(gateway(), { type: 'deposit', key: '1:ann', amount: 1 });
    await clock.advance(60_000);
    expect(changes.filter((change) => change === '1 failed').length).toBeGreaterThan(3);
    expect(changes.filter((change) => change === '1 failed').length).toBeLessThan(8);
    const second = await launch('o2');
    await clock.advance(10_000);
    expect(second.owned()).toContain(1);
    expect((await account(store, '1:ann'))?.total).toBe(1);
  });

  it('does not make a partition go to and fro between one who cannot serve it and one who must', async () => {
    const taken: string[] = [];
    const counting = (name: string): Observer => ({
      ownership: ({ kind }) => {
        if (kind === 'taken') taken.push(name);
      },
    });
    const refusals = refusing(Infinity);
    refusals.on = true;
    await launch('o1', refusals, counting('o1'));
    await launch('o2', {}, counting('o2'));
    await clock.advance(2000);
    const sender = gateway();
    const sent: Promise<void>[] = [];
    taken.length = 0;
    for (let n = 0; n < 300; n += 1) {
      sent.push(order(sender, { type: 'deposit', key: `${String(n % 2)}:ann`, amount: 1 }));
      await clock.advance(100);
    }
    await clock.advance(10_000);
    await Promise.all(sent);
    expect(taken.length).toBeLessThan(30);
    expect((await account(store, '0:ann'))?.total).toBe(150);
    expect((await account(store, '1:ann'))?.total).toBe(150);
  });
});

describe('the dead', () => {
  it('are forgotten as targets, also when they were written to after they were buried', async () => {
    const first = await launch('o1');
    await clock.advance(2000);
    const sender = gateway();
    await order(sender, { type: 'notify', key: '1:ann', process: 'ghost', text: 'hello' });
    await clock.advance(30_000);
    await order(sender, { type: 'notify', key: '1:ann', process: 'ghost', text: 'still there?' });
    await clock.advance(30_000);
    await first.halt();
    await clock.advance(2000);
    expect([...((await store.take(1, 'x', 1000))?.sent.keys() ?? [])]).toEqual([]);
  });
});

describe('a domain that breaks its promises', () => {
  it('may not want to be woken at no time at all: the command is skipped', async () => {
    const skipped: string[] = [];
    const facts: typeof bank.facts = (state) => ({
      ...bank.facts(state),
      ...(state.said.includes('never') ? { deadline: NaN } : {}),
    });
    const observer: Observer = { skipped: ({ why }) => skipped.push(why) };
    const { owner, tell } = await own(
      {},
      { domain: { ...bank, facts } as unknown as OwnerOptions['domain'], observer },
    );
    await tell(
      { type: 'notify', key: '1:ann', process: 'g', text: 'never' },
      { type: 'deposit', key: '1:ann', amount: 2 },
    );
    expect(skipped).toEqual(['poison']);
    expect(await account(store, '1:ann')).toMatchObject({ total: 2, said: [] });
    owner.halt();
  });

  it('does not hold up its partition with a stored state that it cannot read any more', async () => {
    const before = await own();
    await before.tell(
      { type: 'notify', key: '1:ann', process: 'g', text: 'old' },
      { type: 'arm', key: '1:ann', inMs: 100 },
      { type: 'arm', key: '1:bob', inMs: 200 },
    );
    before.owner.halt();
    await clock.advance(1500);
    const facts: typeof bank.facts = (state) => {
      if (state.said.includes('old')) throw new Error('what is this?');
      return bank.facts(state);
    };
    const { owner } = await own({}, { domain: { ...bank, facts } as unknown as OwnerOptions['domain'] });
    await clock.advance(2000);
    expect((await account(store, '1:bob'))?.said).toEqual(['fired']);
    owner.halt();
  });
});
