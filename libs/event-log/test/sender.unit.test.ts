import { beforeEach, describe, expect, it } from 'vitest';
import {
  LogError,
  MemoryServer,
  MemoryStore,
  Sender,
  VirtualClock,
  type AppendResult,
  type Limits,
  type LogStore,
  type OutgoingMail,
  type SenderOptions,
} from '../src/index.ts';
import { commitAfter, partition, processAt } from './support.ts';

let clock: VirtualClock;
let store: LogStore;
const setUp = (limits: Partial<Limits> = {}) => {
  clock = new VirtualClock();
  store = new MemoryStore(new MemoryServer({ clock, limits }));
};
const sender = (more: Partial<SenderOptions> = {}) =>
  new Sender({ store, src: 'g', clock, random: () => 0.5, ...more });
const send = (from: Sender, body: string) => from.send(partition(1), { body });
const bodies = async () => (await store.read(partition(1), '0', 1000)).map(({ body }) => body);

/** A store whose appends are answered by `answer` first; undefined: by the store itself. */
const through = (answer: (batch: readonly OutgoingMail[], call: number) => AppendResult | Error | undefined) => {
  let calls = 0;
  return {
    append: async (...args: Parameters<LogStore['append']>) => {
      const result = answer(args[2], calls++);
      if (result instanceof Error) throw result;
      return result ?? (await store.append(...args));
    },
  };
};

beforeEach(() => {
  setUp();
});

describe('a sender', () => {
  it('sends in order, what queues meanwhile as one batch', async () => {
    const sizes: number[] = [];
    const g = sender({ store: through((batch) => void sizes.push(batch.length)) });
    const first = send(g, '0');
    await Promise.resolve();
    await Promise.resolve();
    const rest = Array.from({ length: 200 }, (_, n) => send(g, String(n + 1)));
    await Promise.all([first, ...rest]);
    expect(await bodies()).toEqual(Array.from({ length: 201 }, (_, n) => String(n)));
    expect(sizes).toEqual([1, 128, 72]);
  });

  it('cuts batches by size', async () => {
    const sizes: number[] = [];
    const g = sender({ store: through((batch) => void sizes.push(batch.length)) });
    const blobs = { sdp: 'x'.repeat(200_000) };
    await Promise.all([1, 2, 3, 4, 5].map((n) => g.send(partition(1), { body: String(n), blobs })));
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('repeats the same batch after a lost reply, and it arrives once', async () => {
    const append: LogStore['append'] = async (...args) => {
      await store.append(...args);
      if (lost++ < 2) throw new LogError('timeout', 'lost');
      return store.append(...args);
    };
    let lost = 0;
    const sent = send(sender({ store: { append } }), 'a');
    await clock.advance(1000);
    await sent;
    expect(await bodies()).toEqual(['a']);
  });

  it('sends again what the target lost, from what it keeps', async () => {
    const gaps: string[] = [];
    const relay = sender({
      observer: { gap: ({ kind }) => gaps.push(kind) },
      store: { append: (...args) => store.append(...args) },
    });
    await Promise.all([send(relay, 'a'), send(relay, 'b')]);
    store = new MemoryStore(new MemoryServer({ clock }));
    await send(relay, 'c');
    expect(await bodies()).toEqual(['a', 'b', 'c']);
    expect(gaps).toEqual(['repaired']);
  });

  describe('when the store comes back', () => {
    const returning = () => {
      const listeners = new Set<() => void>();
      const gaps: string[] = [];
      const appends: number[] = [];
      const relay = sender({
        observer: { gap: ({ kind }) => gaps.push(kind) },
        store: {
          append: (to, src, batch) => {
            appends.push(batch.length);
            return store.append(to, src, batch);
          },
          onReturn: (listener) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
          },
        },
      });
      const comeBack = async () => {
        await relay.drain();
        for (const listener of listeners) listener();
        await relay.drain();
      };
      return { relay, gaps, appends, listeners, comeBack };
    };

    it('asks for its last message once more, and all is well', async () => {
      const { relay, gaps, appends, comeBack } = returning();
      await Promise.all([send(relay, 'a'), send(relay, 'b')]);
      await comeBack();
      await comeBack();
      expect([appends, gaps, await bodies()]).toEqual([[2, 1, 1], [], ['a', 'b']]);
      await send(relay, 'c');
      expect(await bodies()).toEqual(['a', 'b', 'c']);
    });

    it.each([0, 1, 2])('sends again what it lost though nothing else is to be sent (it has %s of 3)', async (left) => {
      const { relay, gaps, comeBack } = returning();
      await Promise.all(['a', 'b', 'c'].map((body) => send(relay, body)));
      const mails = await store.read(partition(1), '0', left + 1);
      store = new MemoryStore(new MemoryServer({ clock }));
      const had = mails.slice(0, left).map(({ seq, body }, n) => ({ seq, prev: mails[n - 1]?.seq, body }));
      if (left > 0) await store.append(partition(1), 'g', had);
      await comeBack();
      expect([gaps, await bodies()]).toEqual([['repaired'], ['a', 'b', 'c']]);
    });

    it('does not when it is closed', async () => {
      const { relay, listeners } = returning();
      relay.close();
      expect(listeners.size).toBe(0);
    });
  });

  it('says so when a target has more of a partition’s messages than the partition knows that it sent', async () => {
    const ahead: unknown[] = [];
    await sender({ src: 'p1' }).send(partition(2), { body: 'lost' }, { stamp: { seq: [5, 9, 0], prev: undefined } });
    const next = sender({ src: 'p1', onAhead: (last) => ahead.push(last) });
    await next.send(processAt('w'), { body: 'first' }, { stamp: { seq: [6, 8, 0], prev: undefined } });
    await next.send(partition(2), { body: 'next' }, { stamp: { seq: [6, 8, 1], prev: [5, 7, 0] } });
    expect(ahead).toEqual([[5, 9, 0]]);
    expect((await store.read(partition(2), '0', 9)).map(({ body }) => body)).toEqual(['lost', 'next']);
  });

  it('ties its chain to what the target has when it keeps nothing any more, and tells the loss', async () => {
    const gaps: string[] = [];
    const relay = sender({
      observer: { gap: ({ kind }) => gaps.push(kind) },
      store: { append: (...args) => store.append(...args) },
    });
    await send(relay, 'a');
    const old = store;
    store = new MemoryStore(new MemoryServer({ clock }));
    await store.append(
      partition(1),
      'g',
      (await old.read(partition(1), '0', 1)).map(({ seq, body }) => ({ seq, body, prev: undefined })),
    );
    const backup = store;
    store = old;
    await send(relay, 'b');
    await clock.advance(11_000);
    store = backup;
    await send(relay, 'c');
    await send(relay, 'd');
    expect(await bodies()).toEqual(['a', 'c', 'd']);
    expect(gaps).toEqual(['lost']);
  });

  it('goes on with a target that knows more than itself, and with one that forgot it', async () => {
    await store.append(partition(1), 'g', [{ seq: [0, 0, 0], prev: undefined, body: 'before' }]);
    await send(sender(), 'after');
    expect(await bodies()).toEqual(['before', 'after']);
    await sender({ src: 'p2', persistent: true }).send(
      partition(1),
      { body: 'p' },
      { stamp: { seq: [5, 5, 5], prev: [4, 4, 4] } },
    );
    expect(await bodies()).toEqual(['before', 'after', 'p']);
  });

  it('is told once that it was declared dead', async () => {
    let gone = 0;
    const g = sender({ onGone: () => (gone += 1) });
    const head = await store.take(1, 'A', 1000);
    await store.commit(1, commitAfter(head!, { bury: ['g'] }));
    await expect(send(g, 'a')).rejects.toMatchObject({ code: 'gone' });
    await expect(send(g, 'b')).rejects.toMatchObject({ code: 'gone' });
    expect(gone).toBe(1);
  });

  it('rejects when a partition is full, and drops when a process is', async () => {
    setUp({ inboxMessages: 1, mailboxMessages: 1 });
    let dropped = 0;
    const g = sender({ observer: { dropped: ({ messages }) => (dropped += messages) } });
    await send(g, 'a');
    await expect(send(g, 'b')).rejects.toMatchObject({ code: 'overloaded', temporary: true });
    await g.send(processAt('w'), { body: '1' });
    await g.send(processAt('w'), { body: '2' });
    expect(dropped).toBe(1);
    const [mail] = await store.read(processAt('w'), '0', 9);
    await store.settle('w', mail!.id);
    await g.send(processAt('w'), { body: '3' });
    expect((await store.read(processAt('w'), '0', 9)).map(({ body }) => body)).toEqual(['3']);
  });

  it('as an owner’s sender waits for a full partition', async () => {
    setUp({ inboxMessages: 0.1 });
    const p2 = sender({ src: 'p2', persistent: true });
    await p2.send(partition(1), { body: 'a' }, { stamp: { seq: [1, 1, 0], prev: undefined } });
    const waiting = p2.send(partition(1), { body: 'b' }, { stamp: { seq: [1, 2, 0], prev: [1, 1, 0] } });
    await clock.advance(100);
    expect(p2.pending).toBe(1);
    const head = await store.take(1, 'A', 1000);
    const [mail] = await store.read(partition(1), '0', 9);
    await store.commit(1, commitAfter(head!, { inboxCursor: mail!.id }));
    await store.trim(1, { eventsMs: 0, eventsCount: 0 });
    await clock.advance(5000);
    await waiting;
    expect(await bodies()).toEqual(['b']);
  });

  it('queues no more than it may', async () => {
    const g = sender({ queued: 2, store: through(() => new LogError('unavailable', 'away')) });
    const queued = [send(g, 'a'), send(g, 'b')];
    await expect(send(g, 'c')).rejects.toMatchObject({ code: 'overloaded' });
    g.close();
    for (const one of queued) await expect(one).rejects.toMatchObject({ code: 'closed' });
    await expect(send(g, 'd')).rejects.toMatchObject({ code: 'closed' });
  });

  it('gives up waiting in time, and drops what was not on its way', async () => {
    let away = true;
    const g = sender({ store: through(() => (away ? new LogError('unavailable', 'away') : undefined)) });
    const first = g.send(partition(1), { body: 'a' }, { expiresMs: 100 });
    await clock.advance(10);
    const second = g.send(partition(1), { body: 'b' }, { expiresMs: 50 });
    const results = Promise.allSettled([first, second]);
    await clock.advance(200);
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    away = false;
    const third = send(g, 'c');
    await clock.advance(3000);
    await third;
    await g.drain();
    expect(await bodies()).toEqual(['a', 'c']);
  });

  it('rejects what the store refuses for good, and goes on', async () => {
    const g = sender({ store: through((_batch, call) => (call === 0 ? new LogError('internal', 'no') : undefined)) });
    await expect(send(g, 'a')).rejects.toMatchObject({ code: 'internal' });
    await send(g, 'b');
    expect(await bodies()).toEqual(['b']);
  });

  it('as an owner’s sender gives up what a process’s mailbox refuses for good: its partition must go on', async () => {
    const store1 = through((_batch, call) => (call === 0 ? new LogError('internal', 'no') : undefined));
    const p2 = sender({ src: 'p2', persistent: true, store: store1 });
    const refused = p2.send(processAt('w'), { body: 'a' }, { stamp: { seq: [1, 1, 0], prev: undefined } });
    await expect(refused).rejects.toMatchObject({ code: 'internal' });
    await p2.send(processAt('w'), { body: 'b' }, { stamp: { seq: [1, 2, 0], prev: [1, 1, 0] } });
    expect((await store.read(processAt('w'), '0', 9)).map(({ body }) => body)).toEqual(['b']);
  });

  it('gives back what may be refused when only the reserve is left; the rest of the batch goes on, in order', async () => {
    const server = new MemoryServer({ clock });
    store = new MemoryStore(server);
    const g = sender();
    const refusable = (body: string) => g.send(partition(1), { body }, { refusable: true });
    await send(g, 'a');
    server.exhausted = true;
    const sent = [refusable('b'), send(g, 'c'), refusable('d'), send(g, 'e')];
    const results = await Promise.allSettled(sent);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(sent[0]).rejects.toMatchObject({ code: 'exhausted' });
    server.exhausted = false;
    await refusable('f');
    expect(await bodies()).toEqual(['a', 'c', 'e', 'f']);
  });

  it('does not refuse what an attempt before may have brought', async () => {
    const server = new MemoryServer({ clock });
    store = new MemoryStore(server);
    const append: LogStore['append'] = async (...args) => {
      const result = await store.append(...args);
      if (server.exhausted) return result;
      server.exhausted = true;
      throw new LogError('timeout', 'lost');
    };
    const sent = sender({ store: { append } }).send(partition(1), { body: 'a' }, { refusable: true });
    await clock.advance(1000);
    await sent;
    expect(await bodies()).toEqual(['a']);
  });

  it('still repairs what the target lost after it was full in between', async () => {
    const g = sender({ store: through((_batch, call) => (call === 2 ? { kind: 'full' } : undefined)) });
    await send(g, 'a');
    store = new MemoryStore(new MemoryServer({ clock }));
    await expect(send(g, 'b')).rejects.toMatchObject({ code: 'overloaded' });
    await send(g, 'c');
    expect(await bodies()).toEqual(['a', 'c']);
  });
});
