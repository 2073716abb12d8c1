/** Reading one's own mailbox, beating, and judging others. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Beater,
  Liveness,
  LogError,
  MailReader,
  MemoryServer,
  MemoryStore,
  VirtualClock,
  type LogStore,
} from '../src/index.ts';
import { mails, processAt } from './support.ts';

let clock: VirtualClock;
let server: MemoryServer;
let store: LogStore;
let away = false;

beforeEach(() => {
  away = false;
  clock = new VirtualClock();
  server = new MemoryServer({ clock });
  store = new MemoryStore(server, {
    before: () => {
      if (away) throw new LogError('unavailable', 'away');
    },
  });
});

describe('a mail reader', () => {
  it('hands on in order, settles behind, and stops after the batch in hand', async () => {
    const got: string[] = [];
    const reader = new MailReader({
      store,
      process: 'w',
      clock,
      handle: async (batch) => void got.push(...batch.map(({ body }) => body)),
    });
    reader.start();
    await store.append(processAt('w'), 'p1', mails(1, 3));
    await clock.advance(10);
    await store.append(processAt('w'), 'p1', mails(4, 4));
    await clock.advance(10);
    expect(got).toEqual(['m1', 'm2', 'm3', 'm4']);
    expect(await store.read(processAt('w'), '0', 9)).toEqual([]);
    await reader.stop();
  });

  it('gives an unhandled batch again, then skips it; a restart begins with what was not settled', async () => {
    await store.append(processAt('w'), 'p1', mails(1, 1));
    let calls = 0;
    const failing = new MailReader({
      store,
      process: 'w',
      clock,
      random: () => 0.5,
      handle: () => (calls++, Promise.reject(new Error('no'))),
    });
    failing.start();
    await clock.advance(30);
    const stopped = failing.stop();
    await clock.advance(10);
    await stopped;
    expect(calls).toBeGreaterThan(1);
    const got: string[] = [];
    calls = 0;
    const next = new MailReader({
      store,
      process: 'w',
      clock,
      handle: async (batch) => {
        if (batch[0]?.body === 'm1' && calls++ < 9) throw new Error('no');
        got.push(...batch.map(({ body }) => body));
      },
    });
    next.start();
    await clock.advance(10_000);
    await store.append(processAt('w'), 'p1', mails(2, 2));
    await clock.advance(10);
    expect({ calls, got }).toEqual({ calls: 5, got: ['m2'] });
    await next.stop();
  });

  it('outlives an outage', async () => {
    const got: string[] = [];
    const reader = new MailReader({
      store,
      process: 'w',
      clock,
      handle: async (batch) => void got.push(...batch.map(({ body }) => body)),
    });
    away = true;
    reader.start();
    await clock.advance(5000);
    away = false;
    await store.append(processAt('w'), 'p1', mails(1, 1));
    await clock.advance(5000);
    expect(got).toEqual(['m1']);
    await reader.stop();
  });
});

describe('a beater', () => {
  it('tells after each beat how long others may have seen none', async () => {
    const silences: number[] = [];
    const onBeat = (silentMs: number) => silences.push(silentMs);
    const beater = new Beater({ store, clock, id: 'g', kind: 'gateway', info: () => '{}', onBeat });
    await beater.start();
    await clock.advance(2000);
    away = true;
    await clock.advance(4500);
    away = false;
    await clock.advance(1500);
    expect(silences).toEqual([0, 1000, 1000, 5000, 1000]);
    await beater.stop();
  });
});

describe('liveness', () => {
  const dead: string[] = [];
  const watch = () => {
    dead.length = 0;
    const liveness = new Liveness({ store, clock });
    liveness.onDead(({ id }) => dead.push(id));
    liveness.start();
    return liveness;
  };
  const beater = (id: string, kind: string) =>
    new Beater({ store: new MemoryStore(server), clock, id, kind, info: () => '{}' });

  it('sees who lives, and who died by its kind', async () => {
    const liveness = watch();
    const [gateway, worker] = [beater('g', 'gateway'), beater('w', 'worker')];
    await Promise.all([gateway.start(), worker.start()]);
    await clock.advance(5000);
    expect([liveness.status('g'), liveness.status('w'), liveness.status('x')]).toEqual(['alive', 'alive', 'unknown']);
    gateway.halt();
    worker.halt();
    await clock.advance(4500);
    expect([liveness.status('g'), liveness.status('w')]).toEqual(['dead', 'suspect']);
    await clock.advance(7000);
    expect(dead).toEqual(['g', 'w']);
    expect(liveness.beats()).toEqual([]);
    await clock.advance(70_000);
    expect(await store.beats()).toEqual([]);
    liveness.stop();
  });

  it('calls nobody dead for an outage of the store, nor for its own sleep', async () => {
    const liveness = watch();
    const gateway = beater('g', 'gateway');
    await gateway.start();
    await clock.advance(2000);
    away = true;
    gateway.halt();
    await clock.advance(20_000);
    away = false;
    await clock.advance(2500);
    expect(dead).toEqual([]);
    await clock.advance(2000);
    expect(dead).toEqual(['g']);
    liveness.stop();
  });

  it('finds one dead that it expected and that never came, and one alive that came back', async () => {
    const liveness = watch();
    liveness.expect('ghost');
    await clock.advance(11_000);
    expect(dead).toEqual(['ghost']);
    const ghost = beater('ghost', 'worker');
    await ghost.start();
    await clock.advance(3000);
    expect(liveness.status('ghost')).toBe('alive');
    await ghost.stop();
    await clock.advance(12_000);
    expect(dead).toEqual(['ghost', 'ghost']);
    liveness.stop();
  });
});
