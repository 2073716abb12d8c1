/** What a reader settles, and what a restarted one reads again. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  LogError,
  MailReader,
  MemoryServer,
  MemoryStore,
  VirtualClock,
  type LogStore,
  type MailReaderOptions,
} from '../src/index.ts';
import { SettleMark } from '../src/reader/settle-mark.ts';
import { mails, processAt } from './support.ts';

let clock: VirtualClock;
let store: LogStore;
let away: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  away = false;
  const before = (operation: string) => {
    if (away && operation === 'settle') throw new LogError('unavailable', 'away');
  };
  store = new MemoryStore(new MemoryServer({ clock }), { before });
});

const ms = (time: number) => clock.advance(time);
const left = async () => (await store.read(processAt('w'), '0', 10_000)).map(({ body }) => body);
const bodies = (from: number, to: number) => mails(from, to).map(({ body }) => body);

/** A reader that holds every message until the test says that it is done. */
function holding(options: Partial<MailReaderOptions> = {}) {
  const got: string[] = [];
  const ends = new Map<string, { done: () => void; fail: () => void }>();
  const reader = new MailReader({
    ...{ store, process: 'w', clock },
    handle: (batch, hold) => {
      for (const mail of batch) {
        got.push(mail.body);
        const work = new Promise<void>((resolve, reject) => {
          ends.set(mail.body, { done: resolve, fail: () => reject(new Error('no')) });
        });
        hold(mail, work);
      }
      return Promise.resolve();
    },
    ...options,
  });
  reader.start();
  return {
    reader,
    got,
    done: (body: string) => ends.get(body)?.done(),
    fail: (body: string) => ends.get(body)?.fail(),
  };
}

describe('a reader whose handler holds messages', () => {
  it('reads on, settles what is done up to the first that is not, and a restart begins there', async () => {
    const first = holding();
    await store.append(processAt('w'), 'p1', mails(1, 3));
    await ms(10);
    await store.append(processAt('w'), 'p1', mails(4, 5));
    await ms(10);
    expect(first.got).toEqual(bodies(1, 5));
    for (const body of ['m3', 'm5', 'm1']) first.done(body);
    await ms(10);
    expect(await left()).toEqual(bodies(2, 5));
    first.done('m2');
    await ms(10);
    expect(await left()).toEqual(bodies(4, 5));
    await first.reader.stop();
    const second = holding();
    await ms(10);
    expect(second.got).toEqual(bodies(4, 5));
    await second.reader.stop();
  });

  it('settles also what ended badly, and what is done after it was stopped', async () => {
    const { reader, fail, done } = holding();
    await store.append(processAt('w'), 'p1', mails(1, 2));
    await ms(10);
    await reader.stop();
    fail('m1');
    await ms(10);
    expect(await left()).toEqual(['m2']);
    done('m2');
    await ms(10);
    expect(await left()).toEqual([]);
  });

  it('settles nothing any more once it abandoned what it holds', async () => {
    const { reader, done } = holding();
    await store.append(processAt('w'), 'p1', mails(1, 2));
    await ms(10);
    await reader.stop();
    done('m1');
    await ms(10);
    reader.abandon();
    done('m2');
    await ms(10);
    expect(await left()).toEqual(['m2']);
  });

  it('makes up for a settling that failed with the next', async () => {
    const { reader, done } = holding();
    await store.append(processAt('w'), 'p1', mails(1, 2));
    await ms(10);
    away = true;
    done('m1');
    await ms(10);
    away = false;
    done('m2');
    await ms(10);
    expect(await left()).toEqual([]);
    await reader.stop();
  });

  it('holds a message for the last time only that its batch was handled', async () => {
    let calls = 0;
    const reader = new MailReader({
      ...{ store, process: 'w', clock, random: () => 0.5 },
      handle: (batch, hold) => {
        calls += 1;
        for (const mail of batch) hold(mail, calls === 1 ? new Promise(() => undefined) : Promise.resolve());
        return calls === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    });
    reader.start();
    await store.append(processAt('w'), 'p1', mails(1, 1));
    await ms(1000);
    expect({ calls, left: await left() }).toEqual({ calls: 2, left: [] });
    await reader.stop();
  });
});

describe('catching up', () => {
  it('is told once, after all that was there at the start was handled, be it much or nothing', async () => {
    for (const count of [0, 3, 256, 600]) {
      const id = `w${String(count)}`;
      if (count > 0) await store.append(processAt(id), 'p1', mails(1, count));
      const told: number[] = [];
      const { reader, got } = holding({ process: id, onCaughtUp: () => told.push(got.length) });
      await ms(10);
      await store.append(processAt(id), 'p1', mails(count + 1, count + 1));
      await ms(10);
      expect({ told, got: got.length }).toEqual({ told: [count], got: count + 1 });
      await reader.stop();
    }
  });
});

describe('the mark', () => {
  /** Take the next, or say that one of those that were taken is done (again). */
  const deed = fc.oneof(fc.constant('take' as const), fc.nat(40));

  it('is the last up to which all is done, whatever order they are done in; over its limit the oldest are given up', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 80 }), fc.integer({ min: 1, max: 12 }), (deeds, limit) => {
        const over = new Set<number>();
        const givenUp: number[] = [];
        const mark = new SettleMark(limit, (id) => {
          givenUp.push(Number(id));
          over.add(Number(id));
        });
        let taken = 0;
        for (const one of deeds) {
          if (one === 'take') mark.take(String(taken++));
          else if (one < taken) {
            mark.done(String(one));
            over.add(one);
          }
          let expected = -1;
          while (over.has(expected + 1)) expected += 1;
          expect(Number(mark.id ?? -1)).toBe(expected);
          expect(taken - 1 - expected).toBeLessThanOrEqual(limit);
        }
        // Nothing is given up that need not be.
        if (taken <= limit) expect(givenUp).toEqual([]);
        expect(givenUp).toEqual([...givenUp].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});
