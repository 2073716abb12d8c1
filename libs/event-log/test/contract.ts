/** What every store must do. Run on the memory store (unit) and on a real Redis (int). */
/* eslint-disable max-lines -- one list of promises, read from top to bottom */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Commit, Head, Limits, LogStore, OutgoingMail, Seq } from '../src/index.ts';
import { change, commitAfter, mails, partition, processAt, type StoreFixture } from './support.ts';

export function storeContract(name: string, start: () => Promise<StoreFixture>): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let store: LogStore;
    let count = 0;
    const opened: LogStore[] = [];
    const open = async (limits?: Partial<Limits>) => {
      const handle = await fixture.open(`t${String(count)}`, limits);
      opened.push(handle);
      return handle;
    };
    const bodies = async (from = partition(1) as Parameters<LogStore['read']>[0]) =>
      (await store.read(from, '0', 1000)).map((mail) => mail.body);
    const taken = async (token = 'A'): Promise<Head> => {
      const head = await store.take(1, token, 1500);
      if (head === undefined) throw new Error('not taken');
      return head;
    };

    beforeAll(async () => {
      fixture = await start();
    });
    beforeEach(async () => {
      await Promise.all(opened.splice(0).map((handle) => handle.close()));
      count += 1;
      store = await open();
    });
    afterAll(async () => {
      await Promise.all(opened.map((handle) => handle.close()));
      await fixture.close();
    });

    it('fixes the number of partitions at the first start', async () => {
      await store.open(8);
      await store.open(8);
      await expect(store.open(16)).rejects.toMatchObject({ code: 'partitions-differ', temporary: false });
    });

    describe('appending', () => {
      it('keeps the order, and the blobs', async () => {
        await store.append(partition(1), 'g', [
          ...mails(1, 2),
          { seq: [0, 0, 3], prev: [0, 0, 2], body: 'sdp', blobs: { o: 'v=0' } },
        ]);
        const all = await store.read(partition(1), '0', 10);
        expect(all.map((mail) => mail.body)).toEqual(['m1', 'm2', 'sdp']);
        expect(all[2]).toMatchObject({ src: 'g', seq: [0, 0, 3], blobs: { o: 'v=0' } });
        expect((await store.read(partition(1), all[0]!.id, 10)).map((mail) => mail.body)).toEqual(['m2', 'sdp']);
        expect(await store.read(partition(1), '0', 2)).toHaveLength(2);
      });

      it('drops what is there already', async () => {
        await store.append(partition(1), 'g', mails(1, 3));
        expect(await store.append(partition(1), 'g', mails(1, 4))).toEqual({ kind: 'appended', duplicates: 3 });
        expect(await bodies()).toEqual(['m1', 'm2', 'm3', 'm4']);
      });

      it('answers a gap with what it has, and takes what comes before', async () => {
        expect(await store.append(partition(1), 'g', mails(5, 6))).toEqual({ kind: 'gap', at: 0, last: undefined });
        const batch = [...mails(1, 2), ...mails(4, 4)];
        expect(await store.append(partition(1), 'g', batch)).toEqual({ kind: 'gap', at: 2, last: [0, 0, 2] });
        expect(await bodies()).toEqual(['m1', 'm2']);
        await store.append(partition(1), 'g', mails(3, 4));
        expect(await bodies()).toEqual(['m1', 'm2', 'm3', 'm4']);
      });

      it('orders a partition’s messages by epoch, commit and index', async () => {
        const message = (seq: Seq, prev: Seq | undefined): OutgoingMail => ({ seq, prev, body: seq.join() });
        await store.append(processAt('w'), 'p1', [message([1_700_000_000_000, 9, 0], undefined)]);
        await store.append(processAt('w'), 'p1', [message([1_700_000_000_000, 10, 0], [1_700_000_000_000, 9, 0])]);
        await store.append(processAt('w'), 'p1', [message([1_700_000_000_001, 2, 1], [1_700_000_000_000, 10, 0])]);
        const late = await store.append(processAt('w'), 'p1', [
          message([1_700_000_000_000, 11, 0], [1_700_000_000_000, 10, 0]),
        ]);
        expect(late).toEqual({ kind: 'appended', duplicates: 1 });
        expect(await store.read(processAt('w'), '0', 10)).toHaveLength(3);
      });

      it('answers full at the limit, later for partitions than for processes, and still knows duplicates', async () => {
        const small = await open({ inboxMessages: 2, mailboxMessages: 2 });
        await small.append(partition(1), 'g', mails(1, 2));
        expect(await small.append(partition(1), 'g', mails(3, 3))).toEqual({ kind: 'full' });
        expect(await small.append(partition(1), 'g', mails(1, 2))).toEqual({ kind: 'appended', duplicates: 2 });
        expect(await small.append(partition(1), 'p2', mails(1, 1))).toMatchObject({ kind: 'appended' });
        await small.append(processAt('w'), 'p1', mails(1, 2));
        expect(await small.append(processAt('w'), 'p1', mails(3, 3))).toEqual({ kind: 'full' });
      });

      it('keeps a process’s mailbox while it is settled or beaten, and lets it expire afterwards', async () => {
        const short = await open({ mailboxTtlMs: 300 });
        await short.append(processAt('w'), 'p1', mails(1, 2));
        for (let n = 0; n < 4; n += 1) {
          await fixture.pass(150);
          await short.beat({ id: 'w', kind: 'worker', counter: n, info: '' });
        }
        const all = await short.read(processAt('w'), '0', 10);
        expect(all).toHaveLength(2);
        await short.settle('w', all[0]!.id);
        expect((await short.read(processAt('w'), '0', 10)).map((mail) => mail.body)).toEqual(['m2']);
        await fixture.pass(400);
        expect(await short.read(processAt('w'), '0', 10)).toEqual([]);
        expect(await short.append(processAt('w'), 'p1', mails(3, 3))).toMatchObject({ kind: 'gap', last: undefined });
      });
    });

    describe('waiting', () => {
      it('hears of mail in any of several mailboxes', async () => {
        const waiter = store.waiter();
        const cursors = new Map([1, 2, 3].map((n) => [`p${String(n)}`, { from: partition(n), cursor: '0' }]));
        const wait = waiter.wait(cursors, 10_000);
        await store.append(partition(2), 'g', mails(1, 1));
        expect([...(await wait).keys()]).toEqual(['p2']);
        await waiter.close();
      });

      it('ends when it is woken, and when the time is up', async () => {
        const waiter = store.waiter();
        const cursors = new Map([['p1', { from: partition(1), cursor: '0' }]]);
        const wait = waiter.wait(cursors, 30_000);
        await fixture.pass(30);
        waiter.wake();
        expect((await wait).size).toBe(0);
        const short = waiter.wait(cursors, 20);
        await fixture.pass(50);
        expect((await short).size).toBe(0);
        await waiter.close();
      });
    });

    describe('owning', () => {
      it('has one owner at a time', async () => {
        const head = await taken('A');
        expect(await store.take(1, 'B', 1500)).toBeUndefined();
        expect((await store.take(1, 'A', 1500))?.epoch).toBe(head.epoch);
        expect([await store.holder(0), await store.holder(1)]).toEqual([undefined, 'A']);
      });

      it('gives it to the next when the lease ran out, with a greater epoch', async () => {
        const head = await store.take(1, 'A', 50);
        await fixture.pass(80);
        const next = await store.take(1, 'B', 1500);
        expect(next!.epoch).toBeGreaterThan(head!.epoch);
        expect(await store.renew(1, { token: 'A', epoch: head!.epoch, commit: 0 }, 1500)).toBe(false);
        expect(await store.renew(1, { token: 'B', epoch: next!.epoch, commit: 0 }, 1500)).toBe(true);
      });

      it('gives it to the next at once when it was released', async () => {
        const head = await taken('A');
        await store.release(1, 'B', head.epoch);
        expect(await store.holder(1)).toBe('A');
        await store.release(1, 'A', head.epoch);
        expect(await store.commit(1, commitAfter(head))).toEqual({ kind: 'fenced' });
        expect(await store.take(1, 'B', 1500)).toBeDefined();
      });

      it('tells an owner that a commit of its own is not there any more', async () => {
        const { epoch } = await taken('A');
        await store.commit(1, commitAfter({ epoch, commit: 0 }));
        expect(await store.renew(1, { token: 'A', epoch, commit: 1 }, 1500)).toBe(true);
        expect(await store.renew(1, { token: 'A', epoch, commit: 2 }, 1500)).toBe(false);
      });

      it('lets an owner whose lease ran out go on, unless another took the partition', async () => {
        const head = await store.take(1, 'A', 20);
        await fixture.pass(50);
        expect(await store.renew(1, { token: 'A', epoch: head!.epoch, commit: 0 }, 1500)).toBe(true);
        expect(await store.take(1, 'B', 1500)).toBeUndefined();
      });
    });

    describe('committing', () => {
      it('writes everything at once, and the head tells the next owner', async () => {
        const head = await taken();
        await store.append(partition(1), 'g', mails(1, 1));
        const [{ id: inboxCursor } = { id: '' }] = await store.read(partition(1), '0', 1);
        const events = [
          { key: 'a', body: 'e1', first: true },
          { key: 'b', body: 'e2', first: false },
        ];
        const result = await store.commit(
          1,
          commitAfter(head, {
            ...{ events, changes: [change('a', { json: '{"n":1}', deadline: 5000, watch: ['w1'], live: true })] },
            ...{ inboxCursor, dispatched: 0, chains: { p2: [1, 2, 3] }, sent: { p2: [4, 5, 6], w1: [4, 5, 7] } },
          }),
        );
        expect(result).toMatchObject({ kind: 'done', nextDeadline: 5000 });
        expect(await store.load(1, ['a', 'b'])).toEqual(['{"n":1}', undefined]);
        expect(await store.events(1, { commit: 1, index: -1 }, 10)).toEqual([
          {
            commit: 1,
            index: 0,
            epoch: head.epoch,
            key: 'a',
            body: 'e1',
            first: true,
            at: 1000,
            chains: { p2: [1, 2, 3] },
          },
          { commit: 1, index: 1, epoch: head.epoch, key: 'b', body: 'e2', first: false, at: 1000, chains: undefined },
        ]);
        expect(await store.events(1, { commit: 1, index: 0 }, 10)).toHaveLength(1);
        await store.release(1, 'A', head.epoch);
        const next = await taken('B');
        expect(next).toMatchObject({ commit: 1, inboxCursor, dispatched: 0, watched: ['w1'] });
        expect([...next.sent]).toEqual(
          expect.arrayContaining([
            ['p2', [4, 5, 6]],
            ['w1', [4, 5, 7]],
          ]),
        );
      });

      it('answers done to a repeated commit, and applies it once', async () => {
        const head = await taken();
        const commit = commitAfter(head, {
          events: [{ key: 'a', body: 'e', first: true }],
          putBlobs: { r: 'x' },
          holdBlobs: { r: 1 },
        });
        await store.commit(1, commit);
        expect(await store.commit(1, commit)).toMatchObject({ kind: 'done' });
        expect(await store.events(1, { commit: 0, index: 0 }, 10)).toHaveLength(1);
        await store.commit(1, commitAfter({ ...head, commit: 1 }, { holdBlobs: { r: -1 } }));
        expect(await store.blobs(1, ['r'])).toEqual([undefined]);
      });

      it('changes nothing for an old owner, a wrong epoch or a wrong previous commit', async () => {
        const old = await store.take(1, 'A', 20);
        await fixture.pass(50);
        const head = await taken('B');
        const write = { changes: [change('a')], events: [{ key: 'a', body: 'e', first: true }], bury: ['g'] };
        for (const commit of [
          commitAfter(old!, write),
          commitAfter(head, { ...write, token: 'A' }),
          commitAfter({ ...head, epoch: head.epoch + 1 }, { ...write, token: 'B' }),
          commitAfter({ ...head, commit: 3 }, { ...write, token: 'B' }),
        ])
          expect(await store.commit(1, commit)).toEqual({ kind: 'fenced' });
        expect(await store.load(1, ['a'])).toEqual([undefined]);
        expect(await store.events(1, { commit: 0, index: 0 }, 10)).toEqual([]);
        expect(await store.append(partition(1), 'g', mails(1, 1))).toMatchObject({ kind: 'appended' });
      });

      it('changes nothing for an owner who read what the inbox does not have (any more)', async () => {
        const head = await taken();
        await store.append(partition(1), 'g', mails(1, 2));
        const [first, last] = await store.read(partition(1), '0', 10);
        const behind = (commit: number, inboxCursor: string) =>
          store.commit(1, commitAfter({ ...head, commit }, { inboxCursor, changes: [change('a')] }));
        const [ms = '', n = ''] = last!.id.split('-');
        expect(await behind(0, `${ms}-${String(Number(n) + 1)}`)).toEqual({ kind: 'fenced' });
        expect(await store.load(1, ['a'])).toEqual([undefined]);
        expect(await behind(0, first!.id)).toMatchObject({ kind: 'done' });
        await store.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await behind(1, first!.id)).toMatchObject({ kind: 'done' });
        expect(await behind(1, first!.id)).toMatchObject({ kind: 'done' });
        expect(await behind(2, last!.id)).toMatchObject({ kind: 'done' });
      });

      it('keeps one deadline per aggregate, in order', async () => {
        const head = await taken();
        await store.commit(
          1,
          commitAfter(head, {
            changes: [change('a', { deadline: 300 }), change('b', { deadline: 200 }), change('c', { deadline: 900 })],
          }),
        );
        expect(await store.due(1, 300, 10)).toEqual(['b', 'a']);
        expect(await store.due(1, 300, 1)).toEqual(['b']);
        const result = await store.commit(
          1,
          commitAfter({ ...head, commit: 1 }, { changes: [change('b'), change('a', { deadline: 700 })] }),
        );
        expect(result).toMatchObject({ nextDeadline: 700 });
        expect(await store.due(1, 800, 10)).toEqual(['a']);
      });

      it('indexes who watches which process', async () => {
        const head = await taken();
        await store.commit(
          1,
          commitAfter(head, { changes: [change('a', { watch: ['w', 'g'] }), change('b', { watch: ['w'] })] }),
        );
        expect([...(await store.watchers(1, 'w', 10))].sort()).toEqual(['a', 'b']);
        expect(await store.watchers(1, 'w', 1)).toHaveLength(1);
        await store.commit(
          1,
          commitAfter(
            { ...head, commit: 1 },
            { changes: [change('a', { unwatch: ['w'] }), change('b', { json: undefined, unwatch: ['w'] })] },
          ),
        );
        expect(await store.watchers(1, 'w', 10)).toEqual([]);
        expect((await taken()).watched).toEqual(['g']);
        expect([...(await store.aggregates(1)).keys()]).toEqual(['a']);
      });

      it('keeps a blob as long as somebody holds it', async () => {
        const head = await taken();
        await store.commit(1, commitAfter(head, { putBlobs: { r: 'x', orphan: 'y' }, holdBlobs: { r: 2 } }));
        expect(await store.blobs(1, ['r', 'orphan', 'none'])).toEqual(['x', undefined, undefined]);
        await store.commit(1, commitAfter({ ...head, commit: 1 }, { holdBlobs: { r: -1 } }));
        expect(await store.blobs(1, ['r'])).toEqual(['x']);
        await store.commit(1, commitAfter({ ...head, commit: 2 }, { holdBlobs: { r: -1 } }));
        expect(await store.blobs(1, ['r'])).toEqual([undefined]);
      });

      it('takes nothing more from a buried process, and forgets its chain', async () => {
        const head = await taken();
        await store.append(partition(1), 'g', mails(1, 1));
        await store.commit(1, commitAfter(head, { sent: { g: [1, 1, 1] }, bury: [] }));
        await store.commit(1, commitAfter({ ...head, commit: 1 }, { bury: ['g'] }));
        expect(await store.append(partition(1), 'g', mails(2, 2))).toEqual({ kind: 'gone' });
        expect(await store.append(partition(1), 'g', [])).toEqual({ kind: 'gone' });
        expect(await store.append(partition(1), 'h', [])).toEqual({ kind: 'appended', duplicates: 0 });
        expect((await taken()).sent.size).toBe(0);
      });

      it('holds a large batch', async () => {
        const head = await taken();
        const keys = Array.from({ length: 2000 }, (_, n) => `user:${String(n)}`);
        const body = JSON.stringify({ text: 'ä"\n'.repeat(50) });
        const events = keys.map((key) => ({ key, body, first: true }));
        await store.commit(
          1,
          commitAfter(head, {
            events,
            changes: keys.map((key) => change(key, { json: body, deadline: 10, watch: ['w'] })),
          }),
        );
        expect((await store.aggregates(1)).size).toBe(2000);
        expect(await store.load(1, ['user:1999'])).toEqual([body]);
        expect(await store.events(1, { commit: 0, index: 0 }, 5000)).toHaveLength(2000);
      });
    });

    describe('trimming', () => {
      const write = async (head: Head, number: number, more: Partial<Commit>) => {
        const events = [{ key: 'a', body: String(number), first: false }];
        await store.commit(
          1,
          commitAfter({ ...head, commit: number - 1 }, { events, dispatched: number - 1, ...more }),
        );
      };
      const numbers = async () => (await store.events(1, { commit: 0, index: 0 }, 1000)).map((event) => event.commit);

      it('cuts the inbox behind the cursor only', async () => {
        await store.append(partition(1), 'g', mails(1, 4));
        const all = await store.read(partition(1), '0', 10);
        await store.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await bodies()).toHaveLength(4);
        await store.commit(1, commitAfter(await taken(), { inboxCursor: all[1]!.id }));
        await store.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await bodies()).toEqual(['m3', 'm4']);
        expect(await store.append(partition(1), 'g', mails(4, 5))).toEqual({ kind: 'appended', duplicates: 1 });
      });

      it('never cuts events past the dispatch cursor', async () => {
        const head = await taken();
        for (let n = 1; n <= 6; n += 1) await write(head, n, { dispatched: Math.min(n - 1, 3) });
        await store.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await numbers()).toEqual([4, 5, 6]);
      });

      it('never cuts the events of a live aggregate', async () => {
        const head = await taken();
        for (let n = 1; n <= 6; n += 1) await write(head, n, n < 3 ? {} : { changes: [change('a', { live: true })] });
        await store.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await numbers()).toEqual([3, 4, 5, 6]);
        await write(head, 7, { changes: [change('a', { live: false })] });
        await store.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await numbers()).toEqual([7]);
      });

      it('cuts by age, and by count', async () => {
        const head = await taken();
        const now = await store.now();
        for (let n = 1; n <= 10; n += 1) await write(head, n, { at: n <= 4 ? now - 60_000 : now });
        await store.trim(1, { eventsMs: 30_000, eventsCount: 1000 });
        expect(await numbers()).toEqual([5, 6, 7, 8, 9, 10]);
        await store.trim(1, { eventsMs: 30_000, eventsCount: 2 });
        expect(await numbers()).toEqual([9, 10]);
      });

      it('forgets a sender that was silent for long', async () => {
        const short = await open({ producerIdleMs: 50 });
        await short.append(partition(1), 'g', mails(1, 1));
        await fixture.pass(100);
        await short.trim(1, { eventsMs: 0, eventsCount: 0 });
        expect(await short.append(partition(1), 'g', mails(2, 2))).toMatchObject({ kind: 'gap', last: undefined });
      });
    });

    it('keeps a registry of beats', async () => {
      await store.beat({ id: 'w', kind: 'worker', counter: 1, info: '{"load":1}' });
      await store.beat({ id: 'w', kind: 'worker', counter: 2, info: '{"load":2}' });
      await store.beat({ id: 'g', kind: 'gateway', counter: 1, info: '' });
      const beats = await store.beats();
      expect(beats).toHaveLength(2);
      expect(beats).toContainEqual({ id: 'w', kind: 'worker', counter: 2, info: '{"load":2}' });
      await store.forget('w');
      expect((await store.beats()).map((beat) => beat.id)).toEqual(['g']);
    });
  });
}
