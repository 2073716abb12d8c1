/** A bank under load, on any Redis, while something is done to that Redis; and then every transfer must have been made once. */
import { expect } from 'vitest';
import { eventually, type RedisSite } from '@switchboard/testkit';
import {
  Beater,
  foldPartition,
  MailReader,
  Sender,
  startOrchestration,
  systemClock,
  type IncomingMail,
  type LogStore,
  type Observer,
} from '../src/index.ts';
import { accounts, bank, order } from './bank.ts';
import { connectTo, realTime } from './fixtures.ts';
import { until, type StoreFixture } from './support.ts';

export const fixture = realTime as StoreFixture;

export interface Load {
  readonly site: Pick<RedisSite, 'url' | 'env'>;
  readonly namespace: string;
  readonly partitions: number;
  /** Transfers, one each 2 ms; more are made until `disturb` is done. */
  readonly rounds: number;
  readonly disturb: (seen: Seen) => Promise<void>;
}

/** What can be seen from outside meanwhile. */
export interface Seen {
  /** Answers that the gateway got. */
  readonly heard: readonly string[];
  /** Per partition: when commits were acknowledged. */
  readonly commits: ReadonlyMap<number, readonly number[]>;
  readonly buried: readonly string[];
  readonly regressed: readonly number[];
}

/** Two orchestrators, a gateway. Transfers between all partitions, with an answer to the gateway for each. */
export async function survives({ site, namespace, partitions, rounds, disturb }: Load): Promise<Seen> {
  const stores: LogStore[] = await Promise.all(
    [500, 500, 500, 5000].map((commandTimeoutMs) => connectTo(site, { namespace, commandTimeoutMs })),
  );
  const [one, two, outside, checking] = stores as [LogStore, LogStore, LogStore, LogStore];
  const { seen, observer, handle } = watching();
  const options = { partitions, domain: bank, clock: systemClock, observer };
  const owners = await Promise.all(
    [one, two].map((store, n) => startOrchestration({ ...options, store, processID: `o${String(n)}` })),
  );
  await until(fixture, 'they are ready', () => owners.every((owner) => owner.isReady()));
  const clock = systemClock;
  const beater = new Beater({ store: outside, clock, id: 'g', kind: 'gateway', info: () => '{}' });
  const reader = new MailReader({ store: outside, process: 'g', clock, handle });
  await beater.start();
  reader.start();
  const sender = new Sender({ store: outside, src: 'g', clock });
  let disturbed = false;
  const disturbing = disturb(seen).finally(() => (disturbed = true));
  disturbing.catch(() => undefined);
  const sent: Promise<void>[] = [];
  for (let n = 0; n < rounds || !disturbed; n += 1) {
    const key = `${String(n % partitions)}:from`;
    sent.push(order(sender, { type: 'transfer', key, to: `${String((n * 7 + 1) % partitions)}:to`, amount: 1 }));
    sent.push(order(sender, { type: 'show', key, process: 'g', ref: `n${String(n)}` }));
    await fixture.pass(2);
  }
  await Promise.all([disturbing, ...sent]);
  await settled(checking, partitions, { transfers: sent.length / 2, seen });
  await reader.stop();
  await Promise.all(owners.map((owner) => owner.stop()));
  await beater.stop();
  await Promise.all(stores.map((store) => store.close()));
  return seen;
}

/** The longest time without a commit of a partition, ms. */
export function longestPause({ commits }: Seen, partition: number): number {
  const times = commits.get(partition) ?? [];
  return times.reduce((longest, time, index) => Math.max(longest, time - (times[index - 1] ?? time)), 0);
}

function watching() {
  const heard: string[] = [];
  const commits = new Map<number, number[]>();
  const buried: string[] = [];
  const regressed: number[] = [];
  const observer: Observer = {
    committed: ({ partition }) => {
      const times = commits.get(partition) ?? [];
      commits.set(partition, times);
      times.push(performance.now());
    },
    buried: ({ process }) => buried.push(process),
    regressed: ({ partition }) => regressed.push(partition),
  };
  const handle = async (mails: readonly IncomingMail[]) =>
    void heard.push(...mails.map(({ body }) => (JSON.parse(body) as { text: string }).text));
  return { seen: { heard, commits, buried, regressed } satisfies Seen, observer, handle };
}

async function settled(
  store: LogStore,
  partitions: number,
  { transfers, seen }: { readonly transfers: number; readonly seen: Seen },
): Promise<void> {
  const received = async () => {
    const totals = [...(await accounts(store, partitions))].filter(([key]) => key.endsWith('to'));
    return totals.reduce((sum, [, { total }]) => sum + total, 0);
  };
  await eventually('all answers arrived', () => new Set(seen.heard).size >= transfers, 30_000);
  await eventually('all transfers arrived', async () => (await received()) >= transfers, 30_000);
  expect(new Set(seen.heard).size).toBe(transfers);
  // Who forgets a commit and not the message that it caused does it again: then at least it is known.
  if (seen.regressed.length === 0) expect(await received()).toBe(transfers);
  expect(seen.buried).toEqual([]);
  for (let number = 0; number < partitions; number += 1) {
    expect((await foldPartition(store, bank, number)).differences).toEqual([]);
  }
}
