/**
 * A batch of commands applied in memory. Invariant: it is a fold over the domain's pure functions: given the same states,
 * commands, `now` and answers of the shell it comes to the same events. A command that makes the domain throw leaves no trace.
 */
import type { Facts } from '../domain.ts';
import type { ObservedEvent } from '../observe.ts';
import { addressKey, type Address } from '../port.ts';
import { factsOf, noFacts, type AnyDomain, type AnyEffect } from './any-domain.ts';

export interface Work {
  readonly command: unknown;
  readonly blobs?: Readonly<Record<string, string>>;
  /** Commands that led to this one within the batch. */
  readonly depth: number;
}

/** A message to another partition or a process; `index` is its place among those of its commit. */
export interface Outgoing {
  readonly to: Address;
  readonly body: string;
  readonly refs: readonly string[];
  readonly index: number;
}

export interface DecidedEvent extends ObservedEvent {
  readonly body: string;
  /** The aggregate had no record before. */
  readonly first: boolean;
}

export interface Touched {
  readonly before: unknown;
  readonly after: unknown;
  readonly factsBefore: Facts;
  readonly factsAfter: Facts;
}

export interface BatchParts {
  readonly domain: AnyDomain;
  readonly partition: number;
  /** ms of the store's time. */
  readonly now: number;
  /** The states of aggregates, from the cache or the store. */
  readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, unknown>>;
  readonly skip: (why: 'poison' | 'runaway', fields: object) => void;
}

const deepest = 64;
const mostFollowers = 20_000;

export class Batch {
  readonly #parts: BatchParts;
  readonly #states = new Map<string, unknown>();
  readonly touched = new Map<string, Touched>();
  readonly events: DecidedEvent[] = [];
  readonly outgoing: Outgoing[] = [];
  /** Texts that came with the commands. */
  readonly texts = new Map<string, string>();
  commands = 0;
  #followers = 0;

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  get now(): number {
    return this.#parts.now;
  }

  /** Makes an aggregate part of the commit, also if no command changed it. It must be among those that `run` was to load. */
  include(key: string): Touched {
    const known = this.touched.get(key);
    if (known !== undefined) return known;
    if (!this.#states.has(key)) throw new Error(`the aggregate ${key} was not loaded`);
    const state = this.#states.get(key);
    const facts = this.#indexable(key, state);
    const touched = { before: state, after: state, factsBefore: facts, factsAfter: facts };
    this.touched.set(key, touched);
    return touched;
  }

  /** A stored state that the domain cannot read any more must not hold up its partition: it falls out of the index. */
  #indexable(key: string, state: unknown): Facts {
    try {
      return factsOf(this.#parts.domain, state);
    } catch (error) {
      this.#parts.skip('poison', { key, error: String(error) });
      return noFacts;
    }
  }

  /** Applies commands and all that follow from them within the partition, first come, first served. Rejects if loading does. */
  async run(works: readonly Work[], include: readonly string[]): Promise<void> {
    await this.#load(include);
    let queue = this.#keyed(works);
    while (queue.length > 0) {
      await this.#load(queue.map(({ key }) => key));
      const followers: Work[] = [];
      for (const { work, key } of queue) followers.push(...this.#apply(work, key));
      queue = this.#keyed(followers);
    }
  }

  #keyed(works: readonly Work[]): { work: Work; key: string }[] {
    return works.flatMap((work) => {
      try {
        return [{ work, key: this.#parts.domain.keyOf(work.command) }];
      } catch (error) {
        this.#parts.skip('poison', { error: String(error) });
        return [];
      }
    });
  }

  async #load(keys: readonly string[]): Promise<void> {
    const missing = new Set(keys.filter((key) => !this.#states.has(key)));
    if (missing.size === 0) return;
    for (const [key, state] of await this.#parts.load([...missing])) this.#states.set(key, state);
  }

  /** What follows from it within the partition. */
  #apply(work: Work, key: string): Work[] {
    this.commands += 1;
    for (const [ref, text] of Object.entries(work.blobs ?? {})) this.texts.set(ref, text);
    try {
      const step = this.#step(work.command, key);
      if (step.events.length === 0) return [];
      this.#states.set(key, step.after);
      this.events.push(...step.events);
      this.#touch(key, step);
      return this.#sortOut(step.effects, work);
    } catch (error) {
      this.#parts.skip('poison', {
        key,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      return [];
    }
  }

  #step(command: unknown, key: string) {
    const { domain, now } = this.#parts;
    const before = this.#states.get(key);
    const events: DecidedEvent[] = [];
    const effects: AnyEffect[] = [];
    let after = before;
    for (const event of domain.decide(before, command, now)) {
      events.push({ key, event, body: JSON.stringify(event), first: after === undefined });
      after = domain.evolve(after, event);
      effects.push(...domain.effects(event));
    }
    const factsBefore = this.touched.get(key)?.factsBefore ?? factsOf(domain, before);
    return { before, after, events, effects, factsBefore, factsAfter: factsOf(domain, after) };
  }

  #touch(key: string, step: Touched): void {
    const before = this.touched.has(key) ? this.touched.get(key)?.before : step.before;
    this.touched.set(key, { before, after: step.after, factsBefore: step.factsBefore, factsAfter: step.factsAfter });
  }

  #sortOut(effects: readonly AnyEffect[], cause: Work): Work[] {
    const followers: Work[] = [];
    for (const effect of effects) {
      const outgoing = outgoingOf(effect, this.#parts.partition, this.outgoing.length);
      if (outgoing !== undefined) this.outgoing.push(outgoing);
      else followers.push(...this.#follower(effect, cause));
    }
    return followers;
  }

  #follower(effect: AnyEffect, cause: Work): Work[] {
    this.#followers += 1;
    if (cause.depth >= deepest || this.#followers > mostFollowers) {
      this.#parts.skip('runaway', { depth: cause.depth, followers: this.#followers });
      return [];
    }
    const command = this.#commandOf(effect);
    return command === undefined ? [] : [{ command, depth: cause.depth + 1 }];
  }

  #commandOf(effect: AnyEffect): unknown {
    if (effect.to === 'partition') return effect.command;
    if (effect.to !== 'shell') return undefined;
    try {
      return this.#parts.domain.answer(effect.question);
    } catch (error) {
      this.#parts.skip('poison', { error: String(error), question: true });
      return undefined;
    }
  }
}

/** The message that leaves the partition by an effect; undefined if it stays inside. */
export function outgoingOf(effect: AnyEffect, partition: number, index: number): Outgoing | undefined {
  if (effect.to === 'process') {
    const to = { kind: 'process', id: effect.id } as const;
    return { to, body: JSON.stringify(effect.message), refs: effect.refs, index };
  }
  if (effect.to === 'shell' || effect.partition === partition) return undefined;
  const to = { kind: 'partition', partition: effect.partition } as const;
  return { to, body: JSON.stringify(effect.command), refs: effect.refs, index };
}

/** By target, in order. */
export function targetsOf(outgoing: readonly Outgoing[]): Map<string, Outgoing[]> {
  const targets = new Map<string, Outgoing[]>();
  for (const message of outgoing) {
    const key = addressKey(message.to);
    const messages = targets.get(key);
    if (messages === undefined) targets.set(key, [message]);
    else messages.push(message);
  }
  return targets;
}
