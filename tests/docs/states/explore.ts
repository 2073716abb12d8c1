/**
 * Every state that the model can reach with a small alphabet of commands, breadth first, so that the result is the same each
 * time. States that differ only in what `key` leaves out (versions, times, names) count as one.
 */
import { createModel, DEFAULT_POLICY, type Event, type Policy, type State } from '@switchboard/call-model';
import type { Command } from '@switchboard/protocol';

/** One event of a decision. */
export interface Change {
  readonly event: Event;
  readonly before: State | undefined;
  readonly after: State | undefined;
}

export interface Decided {
  readonly before: State | undefined;
  readonly command: Command;
  readonly changes: readonly Change[];
}

export interface World {
  readonly policy?: Partial<Policy>;
  readonly commands: (state: State | undefined) => readonly Command[];
  readonly key: (state: State | undefined) => string;
}

/** Later than every deadline. */
const LATE = 1e15;
const MOST_STATES = 20_000;

export function explore({ policy, commands, key }: World): Decided[] {
  const model = createModel({ partitions: 16, policy: { ...DEFAULT_POLICY, ...policy } });
  const known = new Set([key(undefined)]);
  const waiting: (State | undefined)[] = [undefined];
  const decided: Decided[] = [];
  while (waiting.length > 0) {
    const before = waiting.shift();
    for (const command of commands(before)) {
      const now = command.type.startsWith('Wake') ? LATE : 0;
      const changes = fold(model, before, model.decide(before, command, now));
      decided.push({ before, command, changes });
      if (changes.length === 0) continue;
      const after = changes.at(-1)?.after;
      const name = key(after);
      if (known.has(name)) continue;
      known.add(name);
      waiting.push(after);
    }
    if (known.size > MOST_STATES) throw new Error('Too many states: leave more out of the key');
  }
  return decided;
}

function fold(model: ReturnType<typeof createModel>, start: State | undefined, events: readonly Event[]): Change[] {
  let state = start;
  return events.map((event) => {
    const before = state;
    state = model.evolve(before, event);
    return { event, before, after: state };
  });
}

/** The state as JSON without the fields of these names, at any depth. */
export function without(state: State | undefined, names: readonly string[]): string {
  return JSON.stringify(state ?? null, (name, value: unknown) => (names.includes(name) ? undefined : value));
}
