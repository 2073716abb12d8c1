/** Short forms for tests. */
import type { AggregateChange, Clock, Commit, Limits, LogStore, OutgoingMail, Seq } from '../src/index.ts';

export interface StoreFixture {
  readonly clock: Clock;
  /** A handle on the same server as the others of this fixture; `fresh` namespaces do not see each other. */
  open(namespace: string, limits?: Partial<Limits>): Promise<LogStore>;
  /** Lets at least `ms` pass for the store. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const partition = (number: number) => ({ kind: 'partition', partition: number }) as const;
export const processAt = (id: string) => ({ kind: 'process', id }) as const;

/** Messages `from..to` of a process that counts from 1. */
export function mails(
  from: number,
  to: number,
  prev: Seq | undefined = from > 1 ? [0, 0, from - 1] : undefined,
): OutgoingMail[] {
  const result: OutgoingMail[] = [];
  let last = prev;
  for (let n = from; n <= to; n += 1) {
    const seq: Seq = [0, 0, n];
    result.push({ seq, prev: last, body: `m${String(n)}` });
    last = seq;
  }
  return result;
}

export function change(key: string, more: Partial<AggregateChange> = {}): AggregateChange {
  return { key, json: '{}', deadline: undefined, watch: [], unwatch: [], live: false, ...more };
}

export function commitAfter(head: { epoch: number; commit: number }, more: Partial<Commit> = {}): Commit {
  return {
    ...{ token: 'A', epoch: head.epoch, previous: head.commit, leaseMs: 1500, at: 1000, events: [], changes: [] },
    ...{ putBlobs: {}, holdBlobs: {}, inboxCursor: '0', dispatched: 0, chains: {}, sent: {}, bury: [] },
    ...more,
  };
}

/** Lets time pass until `condition` holds; rejects after `withinMs` of the store's time. */
export async function until(
  fixture: StoreFixture,
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const end = fixture.clock.monotonic() + withinMs;
  while (!(await condition())) {
    if (fixture.clock.monotonic() > end) throw new Error(`in vain: ${what}`);
    await fixture.pass(10);
  }
}
