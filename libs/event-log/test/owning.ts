/** What an orchestration promises to its domain, on any store. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  defaultDeadAfterMs,
  foldPartition,
  Liveness,
  Sender,
  startOrchestration,
  type Logger,
  type LogStore,
  type Observer,
  type Orchestration,
} from '../src/index.ts';
import { account, accounts, bank, order, type Bank } from './bank.ts';
import { commitAfter, partition, processAt, until, type StoreFixture } from './support.ts';

const partitions = 8;
/** Those of the test die sooner than they would in earnest. */
const deadAfterMs = (kind: string) => (kind === 'orchestrator' ? defaultDeadAfterMs(kind) : 1500);

export function owningContract(name: string, start: () => Promise<StoreFixture>): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let store: LogStore;
    let count = 0;
    const running: Orchestration[] = [];
    const watching: Liveness[] = [];
    const handles: LogStore[] = [];
    const seen: string[] = [];
    const errors: string[] = [];
    const log: Logger = {
      info: () => undefined,
      warn: () => undefined,
      error: (_fields, message) => errors.push(message),
    };
    const observer: Observer = {
      skipped: ({ why }) => seen.push(why),
      buried: ({ process }) => seen.push(`buried ${process}`),
      gap: ({ kind }) => seen.push(kind),
    };

    const open = async () => {
      const handle = await fixture.open(`o${String(count)}`);
      handles.push(handle);
      return handle;
    };
    const launch = async (processID: string, domain: Bank = bank) => {
      const parts = { store: await open(), clock: fixture.clock, log };
      const liveness = new Liveness({ ...parts, periodMs: 250, deadAfterMs });
      const orchestration = await startOrchestration({ ...parts, liveness, partitions, domain, processID, observer });
      watching.push(liveness);
      running.push(orchestration);
      return orchestration;
    };
    const ready = async (processID: string) => {
      const orchestration = await launch(processID);
      await until(fixture, `${processID} is ready`, () => orchestration.isReady());
      return orchestration;
    };
    const gateway = (src = 'g1') => new Sender({ store, src, clock: fixture.clock });
    const total = async (key: string, amount: number) => {
      await until(fixture, `${key} has ${String(amount)}`, async () => (await account(store, key))?.total === amount);
    };
    const said = async (key: string, word: string) => {
      await until(
        fixture,
        `${key} said ${word}`,
        async () => (await account(store, key))?.said.includes(word) === true,
      );
    };
    const folds = async () => {
      for (let number = 0; number < partitions; number += 1) {
        expect((await foldPartition(store, bank, number)).differences).toEqual([]);
      }
    };

    beforeAll(async () => {
      fixture = await start();
    });
    beforeEach(async () => {
      count += 1;
      seen.length = 0;
      errors.length = 0;
      store = await open();
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((orchestration) => orchestration.halt()));
      for (const liveness of watching.splice(0)) liveness.stop();
      await Promise.all(handles.splice(0).map((handle) => handle.close()));
    });
    afterAll(async () => {
      await fixture.close();
    });

    it('applies commands, within a partition and across', async () => {
      await ready('o1');
      const sender = gateway();
      await Promise.all([
        order(sender, { type: 'deposit', key: '1:ann', amount: 100 }),
        order(sender, { type: 'transfer', key: '1:ann', to: '1:bob', amount: 10 }),
        order(sender, { type: 'transfer', key: '1:ann', to: '2:cid', amount: 20 }),
        order(sender, { type: 'ask', key: '3:dan' }),
      ]);
      await total('2:cid', 20);
      await total('1:bob', 10);
      await total('1:ann', 70);
      await total('3:dan', 7);
      await folds();
    });

    it('takes each command once, however often it is sent', async () => {
      await ready('o1');
      for (let n = 0; n < 3; n += 1) {
        await store.append(partition(1), 'g9', [
          { seq: [0, 0, 1], prev: undefined, body: JSON.stringify({ type: 'deposit', key: '1:ann', amount: 5 }) },
        ]);
      }
      await order(gateway(), { type: 'deposit', key: '1:ann', amount: 1 });
      await total('1:ann', 6);
    });

    it('goes on where the last owner died', async () => {
      const first = await ready('o1');
      const sender = gateway();
      await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          order(sender, {
            type: 'transfer',
            key: `${String(n % partitions)}:from`,
            to: `${String((n + 3) % partitions)}:to`,
            amount: 1,
          }),
        ),
      );
      await first.halt();
      await ready('o2');
      await until(fixture, 'all arrived', async () => {
        const all = await accounts(store, partitions);
        return [...all].reduce((sum, [key, { total: sum1 }]) => sum + (key.endsWith('to') ? sum1 : 0), 0) === 200;
      });
      await folds();
    });

    it('hands over in order, and shares with who comes', async () => {
      const first = await ready('o1');
      expect(first.owned()).toHaveLength(partitions);
      const second = await ready('o2');
      await until(
        fixture,
        'they share',
        () =>
          first.owned().length + second.owned().length === partitions && second.owned().length > 0 && first.isReady(),
      );
      const sender = gateway();
      const orders = (from: number) =>
        Promise.all(
          Array.from({ length: 50 }, (_, n) =>
            order(sender, { type: 'deposit', key: `${String(n % partitions)}:x`, amount: from }),
          ),
        );
      await orders(1);
      const stopping = second.stop();
      await orders(1);
      await until(fixture, 'o2 stopped', async () =>
        Promise.race([stopping.then(() => true), fixture.pass(10).then(() => false)]),
      );
      await until(fixture, 'o1 has all', () => first.owned().length === partitions);
      await orders(1);
      await until(
        fixture,
        'all arrived',
        async () => [...(await accounts(store, partitions)).values()].reduce((sum, one) => sum + one.total, 0) === 150,
      );
      await folds();
      expect(errors).toEqual([]);
    });

    it('fires deadlines, but never before what was in the inbox by then', async () => {
      const first = await ready('o1');
      const sender = gateway();
      await order(sender, { type: 'arm', key: '1:ann', inMs: 300 });
      await said('1:ann', 'fired');
      await order(sender, { type: 'arm', key: '1:bob', inMs: 200 });
      await order(sender, { type: 'arm', key: '1:cid', inMs: 200 });
      await until(fixture, 'bob waits', async () => (await account(store, '1:cid'))?.deadline !== undefined);
      await first.halt();
      await order(sender, { type: 'disarm', key: '1:bob' });
      await fixture.pass(500);
      await ready('o2');
      await said('1:cid', 'fired');
      expect((await account(store, '1:bob'))?.said).toEqual([]);
      await folds();
    });

    it('goes on after a command that makes the domain throw, one that nobody knows, and a ring of messages', async () => {
      await ready('o1');
      const sender = gateway();
      await order(sender, { type: 'boom', key: '1:ann' });
      await sender.send(partition(1), { body: 'what?' });
      await order(sender, { type: 'ping', key: '1:ann', to: '1:bob' });
      await order(sender, { type: 'deposit', key: '1:ann', amount: 3 });
      await total('1:ann', 3);
      expect([...seen].sort()).toEqual(['poison', 'runaway', 'unparsable']);
    });

    it('is not held up by a deadline or a death that an aggregate does not heed', async () => {
      await ready('o1');
      const sender = gateway();
      await order(sender, { type: 'notify', key: '1:ann', process: 'g1', text: 'stubborn' });
      await order(sender, { type: 'arm', key: '1:ann', inMs: 50 });
      await order(sender, { type: 'watch', key: '1:ann', process: 'ghost' });
      await until(fixture, 'the ghost is buried', () => seen.includes('buried ghost'), 60_000);
      await order(sender, { type: 'deposit', key: '1:ann', amount: 3 });
      await total('1:ann', 3);
      expect(errors.length).toBeLessThan(40);
    });

    it('tells all watchers of a death, and takes nothing more from the dead', async () => {
      await ready('o1');
      const sender = gateway('g7');
      await store.beat({ id: 'g7', kind: 'gateway', counter: 1, info: '' });
      const keys = Array.from({ length: 300 }, (_, n) => `1:u${String(n)}`);
      await Promise.all(keys.map((key) => order(sender, { type: 'watch', key, process: 'g7' })));
      await said('1:u299', 'lost g7');
      await until(fixture, 'all heard', async () =>
        [...(await accounts(store, partitions)).values()].every(({ watches }) => watches.length === 0),
      );
      await expect(order(sender, { type: 'deposit', key: '1:ann', amount: 3 })).rejects.toMatchObject({ code: 'gone' });
      await order(gateway('g8'), { type: 'watch', key: '1:late', process: 'g7' });
      await said('1:late', 'lost g7');
    });

    it('keeps blobs with their aggregate, sends them along, and lets them go', async () => {
      await ready('o1');
      const sender = gateway();
      await order(sender, { type: 'keep', key: '1:ann', ref: 'r1' }, { r1: 'v=0' });
      await until(fixture, 'it is kept', async () => (await store.blobs(1, ['r1']))[0] === 'v=0');
      await order(sender, { type: 'show', key: '1:ann', ref: 'r1', process: 'g1' });
      await until(fixture, 'it is sent', async () => (await store.read(processAt('g1'), '0', 10)).length > 0);
      const [mail] = await store.read(processAt('g1'), '0', 10);
      expect(mail).toMatchObject({ src: 'p1', blobs: { r1: 'v=0' } });
      await until(fixture, 'it is gone', async () => (await store.blobs(1, ['r1']))[0] === undefined);
    });

    it('saves its cursors when it is idle, and cuts the inbox', async () => {
      await ready('o1');
      const sender = gateway();
      await order(sender, { type: 'deposit', key: '1:ann', amount: 0 });
      await order(sender, { type: 'transfer', key: '1:ann', to: '2:bob', amount: 1 });
      await until(
        fixture,
        'the inbox is empty',
        async () => (await store.read(partition(1), '0', 10)).length === 0,
        30_000,
      );
    });

    it('changes nothing as an old owner', async () => {
      const first = await ready('o1');
      await order(gateway(), { type: 'deposit', key: '1:ann', amount: 3 });
      await total('1:ann', 3);
      await first.halt();
      await fixture.pass(1600);
      const old = await store.take(1, 'old', 100);
      await fixture.pass(200);
      await ready('o2');
      const late = commitAfter(old!, {
        token: 'old',
        events: [{ key: '1:ann', body: '{"type":"closed"}', first: false }],
      });
      expect(await store.commit(1, late)).toEqual({ kind: 'fenced' });
      await folds();
    });
  });
}
