/**
 * Spreads the partitions over the live orchestrators by rendezvous hashing.
 *
 *   free ──take──▶ owned ──the rightful owner lives──▶ handing over ──▶ free
 *                    ├──fenced, or its lease went to another──▶ dropped
 *                    └──failed──▶ free, and not taken here for a while
 *
 * A free partition is taken by the first in its ranking at once, by the next 400 ms later and so on: a dead one is replaced
 * as soon as its lease ran out. Invariant: what is owned here holds a lease or is fenced by the store; nothing relies on time.
 */
import type { Clock } from '../clock.ts';
import type { Logger, Observer } from '../observe.ts';
import type { LogStore } from '../port.ts';
import { Outages } from '../owner/outages.ts';
import { PartitionOwner, type OwnerEnd, type OwnerOptions, type Tenure } from '../owner/partition-owner.ts';
import type { Liveness } from './liveness.ts';
import { rendezvous } from './rendezvous.ts';

export const orchestratorKind = 'orchestrator';

export interface OwnershipParts {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: Observer;
  readonly random: () => number;
  readonly partitions: number;
  readonly processID: string;
  readonly liveness: Liveness;
  readonly leaseMs: number;
  readonly owner: Omit<OwnerOptions, 'onWatch' | 'outages'>;
  /** The set of owners changed. */
  readonly onChange: () => void;
  /** The store forgot commits of this partition that it had acknowledged. */
  readonly onRegressed: (partition: number) => void;
}

interface Owned {
  readonly owner: PartitionOwner;
  readonly tenure: Tenure;
  /** Its rightful owner may be alive and yet not take it: it is not offered back before, in the clock's time. */
  readonly keptUntil: number;
  renewed: number;
  /** Since when it is being handed over, in the clock's time. */
  leaving: number | undefined;
}

const renewEveryMs = 400;
const rankStepMs = 400;
const longestHandoverMs = 5000;
const keptMs = 5000;
const longestAvoidanceMs = 32_000;

export class Ownership {
  readonly #parts: OwnershipParts;
  readonly #owned = new Map<number, Owned>();
  readonly #freeSince = new Map<number, number>();
  readonly #knownCommits = new Map<number, number>();
  /** Partitions that failed here: how often in a row, and until when they are left to others. */
  readonly #avoided = new Map<number, { readonly times: number; readonly until: number }>();
  readonly #outages: Outages;
  #taken = 0;
  #settled = false;
  #leaving = false;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
    this.#outages = new Outages(parts.clock, parts.log);
  }

  owners(): PartitionOwner[] {
    return [...this.#owned.values()].map(({ owner }) => owner);
  }

  /** True when every partition is here or, rightly, elsewhere. */
  get settled(): boolean {
    return this.#settled;
  }

  /** True if somebody else could take over. */
  get hasPeers(): boolean {
    return this.#candidates().length > 1;
  }

  /** One round: prolongs leases, takes what is free, hands over what is not ours. Rejects if the store cannot be asked. */
  async tick(): Promise<void> {
    this.#haltStuck();
    const renewals = [...this.#owned.values()].map((owned) => this.#renew(owned));
    const spread = this.#leaving || this.#parts.liveness.reads === 0 ? Promise.resolve() : this.#spread();
    const failed = (await Promise.allSettled([...renewals, spread])).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** A process died: tell every partition here. */
  lost(process: string): void {
    for (const { owner } of this.#owned.values()) owner.lost(process);
  }

  /** Takes nothing more from now on. */
  leave(): void {
    this.#leaving = true;
  }

  /** Hands everything over; resolves when it is released, or after `longestHandoverMs`. */
  async handOverAll(): Promise<void> {
    this.#leaving = true;
    const owned = [...this.#owned.values()];
    for (const one of owned) this.#handOver(one);
    const cancel = this.#parts.clock.timer(longestHandoverMs, () => {
      for (const { owner } of owned) owner.halt();
    });
    await Promise.all(owned.map(({ owner }) => owner.ended));
    cancel();
  }

  /** Drops everything at once, as a crash would. */
  halt(): void {
    this.#leaving = true;
    for (const { owner } of this.#owned.values()) owner.halt();
  }

  async #spread(): Promise<void> {
    const { store, clock, partitions, processID } = this.#parts;
    const candidates = this.#candidates();
    const elsewhere = numbers(partitions).filter((partition) => !this.#owned.has(partition));
    const holders = elsewhere.length === 0 ? [] : await this.#outages.watch(() => store.leases(elsewhere));
    const takes = elsewhere.map((partition, index) => this.#consider(partition, holders[index], candidates));
    for (const [partition, owned] of this.#owned) {
      const [rightful] = rendezvous(String(partition), candidates);
      const claimed = rightful !== processID && this.#parts.liveness.status(rightful ?? '') === 'alive';
      if (claimed && clock.monotonic() >= owned.keptUntil) this.#handOver(owned);
    }
    const missing = await Promise.all(takes);
    this.#settled = this.#parts.liveness.reads > 1 && !missing.includes(true);
  }

  /** True if the partition is in nobody's hands, or in another's though it is ours. */
  async #consider(partition: number, holder: string | undefined, candidates: readonly string[]): Promise<boolean> {
    const { clock, processID } = this.#parts;
    const rank = rendezvous(String(partition), candidates).indexOf(processID);
    if (holder !== undefined) {
      this.#freeSince.delete(partition);
      return rank === 0;
    }
    if (clock.monotonic() < (this.#avoided.get(partition)?.until ?? 0)) return true;
    const since = this.#freeSince.get(partition) ?? clock.monotonic();
    this.#freeSince.set(partition, since);
    if (clock.monotonic() - since < rank * rankStepMs) return true;
    return !(await this.#take(partition, rank === 0 ? 0 : keptMs));
  }

  async #take(partition: number, keepMs: number): Promise<boolean> {
    const { store, processID, leaseMs, random, clock } = this.#parts;
    this.#taken += 1;
    const token = `${processID}/${String(this.#taken)}/${random().toString(36).slice(2)}`;
    const head = await store.take(partition, token, leaseMs);
    this.#freeSince.delete(partition);
    if (head !== undefined && this.#leaving) await store.release(partition, token, head.epoch);
    if (head === undefined || this.#leaving) return false;
    this.#compare(partition, head.commit);
    const tenure = { partition, token, head };
    const owner = new PartitionOwner(this.#ownerOptions(partition), tenure);
    const now = clock.monotonic();
    this.#owned.set(partition, { owner, tenure, keptUntil: now + keepMs, renewed: now, leaving: undefined });
    this.#report(partition, 'taken');
    void owner.ended.then((end) => {
      this.#ended(owner, end);
    });
    return true;
  }

  #ownerOptions(partition: number): OwnerOptions {
    const { liveness, owner } = this.#parts;
    return {
      ...owner,
      outages: this.#outages,
      onWatch: (processes) => {
        for (const process of processes) {
          liveness.expect(process);
          if (liveness.status(process) === 'dead') this.#owned.get(partition)?.owner.lost(process);
        }
      },
    };
  }

  #ended(owner: PartitionOwner, end: OwnerEnd): void {
    const { partition } = owner;
    this.#knownCommits.set(partition, Math.max(owner.commit, this.#knownCommits.get(partition) ?? 0));
    if (this.#owned.get(partition)?.owner === owner) this.#owned.delete(partition);
    if (end === 'failed') this.#avoid(partition);
    this.#report(partition, end === 'halted' ? 'fenced' : end);
  }

  /** Another shall try; this process waits longer each time, and forgets it after a good while without a failure. */
  #avoid(partition: number): void {
    const now = this.#parts.clock.monotonic();
    const before = this.#avoided.get(partition);
    const times = before === undefined || now - before.until > 2 * longestAvoidanceMs ? 0 : before.times + 1;
    const until = now + Math.min(longestAvoidanceMs, 1000 * 2 ** times);
    this.#avoided.set(partition, { times, until });
  }

  #report(partition: number, kind: 'taken' | 'released' | 'fenced' | 'failed'): void {
    const { log, observer, onChange } = this.#parts;
    log.info({ partition, kind }, 'ownership changed');
    observer.ownership?.({ partition, kind });
    onChange();
  }

  /** The store may only go on from what this process knew of the partition. */
  #compare(partition: number, found: number): void {
    const { log, observer, onRegressed } = this.#parts;
    const known = this.#knownCommits.get(partition) ?? 0;
    this.#knownCommits.delete(partition);
    if (found >= known) return;
    log.error({ partition, known, found }, 'the store lost commits');
    observer.regressed?.({ partition, known, found });
    onRegressed(partition);
  }

  async #renew(owned: Owned): Promise<void> {
    const { store, clock, leaseMs } = this.#parts;
    const { owner, tenure } = owned;
    const now = clock.monotonic();
    if (now - Math.max(owned.renewed, owner.committedAt) < renewEveryMs) return;
    const { partition, token, head } = tenure;
    if (await this.#outages.watch(() => store.renew(partition, token, head.epoch, leaseMs))) owned.renewed = now;
    else if (owned.leaving === undefined) owner.halt();
  }

  #handOver(owned: Owned): void {
    if (owned.leaving !== undefined) return;
    owned.leaving = this.#parts.clock.monotonic();
    owned.owner.handOver();
  }

  #haltStuck(): void {
    const now = this.#parts.clock.monotonic();
    for (const { owner, leaving } of this.#owned.values()) {
      if (leaving !== undefined && now - leaving > longestHandoverMs) owner.halt();
    }
  }

  /** This process, and the orchestrators that are registered and not dead. */
  #candidates(): string[] {
    const { liveness, processID } = this.#parts;
    const registered = liveness.beats().filter(({ kind }) => kind === orchestratorKind);
    return [...new Set([processID, ...registered.map(({ id }) => id)])];
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
