/** A commit as the flat lists that `commit.lua` reads. Its length is proportional to what changes, never to what is stored. */
import { writeSeq } from '../order.ts';
import type { AggregateChange, Commit, Seq } from '../port.ts';
import { bucketOf, type PartitionKeys } from './keys.ts';

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

export function encodeCommit(names: PartitionKeys, commit: Commit): ScriptCall {
  const { head, lease, events, sent, deadlines, live, watched, blobs, holders, producers, inbox } = names;
  const keys = new KeyTable([head, lease, events, sent, deadlines, live, watched, blobs, holders, producers, inbox]);
  const args = [
    ...[commit.token, commit.epoch, commit.previous, commit.leaseMs, commit.at, commit.inboxCursor, commit.dispatched],
    JSON.stringify(writeChains(commit.chains)),
    ...list(commit.events, ({ key, body, first }) => [key, body, Number(first)]),
    ...list(commit.changes, (change) => encodeChange(names, keys, change)),
    ...list(Object.entries(commit.putBlobs), (blob) => blob),
    ...list(Object.entries(commit.holdBlobs), (hold) => hold),
    ...list(Object.entries(commit.sent), ([target, seq]) => [target, writeSeq(seq)]),
    ...list(commit.bury, (process) => [process]),
  ];
  return { keys: keys.all(), args };
}

function encodeChange(names: PartitionKeys, keys: KeyTable, change: AggregateChange): (string | number)[] {
  const watchSet = (process: string) => [process, keys.index(names.watch(process))];
  return [
    ...[change.key, keys.index(names.state(bucketOf(change.key))), change.json ?? '', change.deadline ?? ''],
    Number(change.live),
    ...list(change.watch, watchSet),
    ...list(change.unwatch, watchSet),
  ];
}

function writeChains(chains: Readonly<Record<string, Seq>>): Record<string, string> {
  return Object.fromEntries(Object.entries(chains).map(([target, seq]) => [target, writeSeq(seq)]));
}

function list<T>(items: readonly T[], encode: (item: T) => readonly (string | number)[]): (string | number)[] {
  return [items.length, ...items.flatMap(encode)];
}

/** The keys of a script call; each is named once and referred to by its place in KEYS. */
class KeyTable {
  readonly #indexes = new Map<string, number>();

  constructor(fixed: readonly string[]) {
    for (const key of fixed) this.index(key);
  }

  /** Place in KEYS, counted from 1. */
  index(key: string): number {
    const known = this.#indexes.get(key) ?? this.#indexes.size + 1;
    this.#indexes.set(key, known);
    return known;
  }

  all(): string[] {
    return [...this.#indexes.keys()];
  }
}
