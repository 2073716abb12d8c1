/** The domain as the owner sees it: it hands states, commands, events and messages on and never looks into them. */
import type { Domain, Effect, Facts } from '../domain.ts';

export type AnyDomain = Domain<unknown, unknown, unknown, unknown, unknown>;
export type AnyEffect = Effect<unknown, unknown, unknown>;

/** Of an aggregate that has no record. */
export const noFacts: Facts = { deadline: undefined, watches: [], refs: [], live: false };

/** What the log must index for a state; nothing for none. */
export function factsOf(domain: AnyDomain, state: unknown): Facts {
  return state === undefined ? noFacts : domain.facts(state);
}
