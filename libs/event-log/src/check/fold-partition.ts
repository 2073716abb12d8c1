/** Checks the log's promise: folding the events of a partition gives exactly its aggregates. For tests and tools, on a quiet partition. */
import { isDeepStrictEqual } from 'node:util';
import type { Domain } from '../domain.ts';
import type { EventPosition, LogStore, StoredEvent } from '../port.ts';

export interface FoldResult {
  /** Aggregates whose whole history is in the log. */
  readonly checked: number;
  /** Aggregates whose beginning was trimmed away. */
  readonly unverified: number;
  /** One line per aggregate that differs; empty: all is well. */
  readonly differences: readonly string[];
}

const page = 1000;

export async function foldPartition<S, C, E, M, Q>(
  store: Pick<LogStore, 'events' | 'aggregates'>,
  domain: Domain<S, C, E, M, Q>,
  partition: number,
): Promise<FoldResult> {
  const folded = new Map<string, S | undefined>();
  for await (const event of allEvents(store, partition)) {
    if (!event.first && !folded.has(event.key)) continue;
    const before = event.first ? undefined : folded.get(event.key);
    folded.set(event.key, domain.evolve(before, JSON.parse(event.body) as E));
  }
  const stored = await store.aggregates(partition);
  const differences: string[] = [];
  for (const [key, state] of folded) {
    const json = stored.get(key);
    const expected = state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as unknown);
    if (!isDeepStrictEqual(expected, json === undefined ? undefined : JSON.parse(json))) {
      differences.push(`${key}: folded ${JSON.stringify(expected)}, stored ${String(json)}`);
    }
  }
  const unverified = [...stored.keys()].filter((key) => !folded.has(key)).length;
  return { checked: folded.size, unverified, differences };
}

async function* allEvents(store: Pick<LogStore, 'events'>, partition: number): AsyncGenerator<StoredEvent> {
  for (let after: EventPosition = { commit: 0, index: 0 }; ;) {
    const events = await store.events(partition, after, page);
    yield* events;
    const last = events.at(-1);
    if (last === undefined) return;
    after = last;
  }
}
