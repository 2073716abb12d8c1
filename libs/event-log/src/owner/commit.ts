/** What a batch means to the store: its events, the changed aggregates, and who holds which blob. */
import type { AggregateChange, Chains, Seq } from '../port.ts';
import { targetsOf, type Batch, type Outgoing, type Touched } from './batch.ts';
import type { Departure } from './outbox.ts';

/** Index entries that the owner forces, against a domain that would otherwise be woken for ever. */
export interface Overrides {
  /** Aggregate → when to wake it instead, ms of the store's time. */
  readonly postpone: ReadonlyMap<string, number>;
  /** Aggregate → process that it shall not watch any more. */
  readonly unwatch: ReadonlyMap<string, string>;
}

export const noOverrides: Overrides = { postpone: new Map(), unwatch: new Map() };

/** Every aggregate that `overrides` names must be part of the batch. */
export function changesOf(batch: Batch, overrides: Overrides): AggregateChange[] {
  return [...batch.touched].map(([key, touched]) => {
    const change = changeOf(key, touched);
    const unwatch = overrides.unwatch.get(key);
    return {
      ...change,
      deadline: change.json === undefined ? undefined : (overrides.postpone.get(key) ?? change.deadline),
      unwatch: unwatch === undefined ? change.unwatch : [...change.unwatch, unwatch],
    };
  });
}

/** By how many the holders of each blob change. `releases`: what dispatched messages held. */
export function holdsOf(batch: Batch, releases: readonly string[]): Record<string, number> {
  const holds = new Map<string, number>();
  const add = (ref: string, by: number) => holds.set(ref, (holds.get(ref) ?? 0) + by);
  for (const { factsBefore, factsAfter } of batch.touched.values()) {
    for (const ref of gained(factsBefore.refs, factsAfter.refs)) add(ref, 1);
    for (const ref of gained(factsAfter.refs, factsBefore.refs)) add(ref, -1);
  }
  for (const { refs } of batch.outgoing) for (const ref of refs) add(ref, 1);
  for (const ref of releases) add(ref, -1);
  return Object.fromEntries([...holds].filter(([, by]) => by !== 0));
}

/** Texts that came with the batch's commands and are held from now on. */
export function textsOf(batch: Batch, holds: Readonly<Record<string, number>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [ref, by] of Object.entries(holds)) {
    const text = batch.texts.get(ref);
    if (by > 0 && text !== undefined) texts[ref] = text;
  }
  return texts;
}

/** The batch's place in the chains of its targets: before it, and after it. */
export function chainsOf(batch: Batch, sent: ReadonlyMap<string, Seq>, at: { epoch: number; commit: number }) {
  const chains: Record<string, Seq> = {};
  const after: Record<string, Seq> = {};
  for (const [target, messages] of targetsOf(batch.outgoing)) {
    const before = sent.get(target);
    if (before !== undefined) chains[target] = before;
    after[target] = [at.epoch, at.commit, messages.at(-1)?.index ?? 0];
  }
  return { chains, sent: after };
}

/** The messages of a commit, each tied to the one before it. */
export function departuresOf(
  outgoing: readonly Outgoing[],
  chains: Chains,
  at: { epoch: number; commit: number; texts: ReadonlyMap<string, string> },
): Departure[] {
  const departures: Departure[] = [];
  for (const [target, messages] of targetsOf(outgoing)) {
    let prev = chains[target];
    for (const { to, body, refs, index } of messages) {
      const seq: Seq = [at.epoch, at.commit, index];
      departures.push({ to, mail: mailOf(body, refs, at.texts), seq, prev });
      prev = seq;
    }
  }
  return departures;
}

function mailOf(body: string, refs: readonly string[], texts: ReadonlyMap<string, string>) {
  const blobs: Record<string, string> = {};
  for (const ref of refs) {
    const text = texts.get(ref);
    if (text !== undefined) blobs[ref] = text;
  }
  return refs.length === 0 ? { body } : { body, blobs };
}

function changeOf(key: string, { after, factsBefore, factsAfter }: Touched): AggregateChange {
  return {
    key,
    json: after === undefined ? undefined : JSON.stringify(after),
    deadline: factsAfter.deadline,
    watch: gained(factsBefore.watches, factsAfter.watches),
    unwatch: gained(factsAfter.watches, factsBefore.watches),
    live: factsAfter.live,
  };
}

function gained(before: readonly string[], after: readonly string[]): string[] {
  return after.filter((item, index) => !before.includes(item) && after.indexOf(item) === index);
}
