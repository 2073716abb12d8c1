/** A store that forgets what it acknowledged, as a Redis does whose replica takes over before it had everything. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  LogError,
  MemoryServer,
  MemoryStore,
  Sender,
  startOrchestration,
  VirtualClock,
  type Faults,
  type LogStore,
  type Waiter,
} from '../src/index.ts';
import { bank, order } from './bank.ts';

let clock: VirtualClock;
let server: MemoryServer;
/** What was lost, and whose turn it was to ask the others. */
let heard: string[];

beforeEach(() => {
  clock = new VirtualClock();
  server = new MemoryServer({ clock });
  heard = [];
});

/** A way to whatever `server` is at that moment. */
const open = (faults: Faults = {}) => {
  const now = () => new MemoryStore(server, faults);
  const waiter = (): Waiter => {
    let current = now().waiter();
    return {
      wait: (cursors, ms) => (current = now().waiter()).wait(cursors, ms),
      wake: () => {
        current.wake();
      },
      close: () => current.close(),
    };
  };
  const method = (name: string | symbol) => {
    const store = now();
    return (Reflect.get(store, name) as (...args: unknown[]) => unknown).bind(store);
  };
  return new Proxy({} as LogStore, { get: (_, name) => (name === 'waiter' ? waiter : method(name)) });
};

const launch = async (processID: string, faults: Faults = {}) => {
  const orchestration = await startOrchestration({
    ...{ store: open(faults), partitions: 2, domain: bank, processID, clock, random: () => 0.5 },
    observer: { regressed: ({ partition, found }) => heard.push(`${String(partition)} has only ${String(found)}`) },
    onRegressed: (partition) => heard.push(`${processID} asks for ${String(partition)}`),
  });
  await clock.advance(2000);
  return orchestration;
};
const deposit = (amount: number) =>
  order(new Sender({ store: open(), src: 'g', clock }), { type: 'deposit', key: '1:ann', amount });

describe('commits that the store forgot', () => {
  it('are noticed at the next renewal, though nothing is to be committed, and no lease is waited for', async () => {
    const orchestration = await launch('o1');
    await deposit(1);
    await clock.advance(500);
    server = new MemoryServer({ clock });
    await clock.advance(800);
    expect(heard.sort()).toEqual(['0 has only 0', '1 has only 0', 'o1 asks for 0', 'o1 asks for 1']);
    expect(orchestration.owned()).toEqual([0, 1]);
    await clock.advance(10_000);
    expect(heard).toHaveLength(4);
  });

  it('may be others’ who died with it: after an outage, whoever takes over asks', async () => {
    let away = false;
    const faults = {
      before: () => {
        if (away) throw new LogError('unavailable', 'away');
      },
    };
    const first = await launch('o1', faults);
    const second = await launch('o2', faults);
    await clock.advance(10_000);
    const theirs = first.owned();
    expect([theirs.length, second.owned().length]).toEqual([1, 1]);
    away = true;
    await first.halt();
    await clock.advance(3000);
    away = false;
    await clock.advance(5000);
    expect(second.owned()).toEqual([0, 1]);
    expect(heard).toEqual([`o2 asks for ${String(theirs[0])}`]);
  });

  it('are not looked for when an owner merely died', async () => {
    const first = await launch('o1');
    await launch('o2');
    await deposit(1);
    await clock.advance(10_000);
    await first.halt();
    await clock.advance(10_000);
    expect(heard).toEqual([]);
  });
});
