/** The domain as the owner sees it: it hands states, commands, events and messages on and never looks into them. */
import type { Domain, Effect, Facts } from '../domain.ts';

export type AnyDomain = Domain<unknown, unknown, unknown, unknown, unknown>;
export type AnyEffect = Effect<unknown, unknown, unknown>;

/** Of an aggregate that has no record. */
export const noFacts: Facts = { deadline: undefined, watches: [], refs: [], live: false };

/** What the log must index for a state; nothing for none. Throws what the domain throws, and for what no index can hold. */
export function factsOf(domain: AnyDomain, state: unknown): Facts {
  if (state === undefined) return noFacts;
  const facts = domain.facts(state);
  if (facts.deadline !== undefined && !Number.isFinite(facts.deadline))
    throw new Error(`a deadline of ${String(facts.deadline)}`);
  return facts;
}
