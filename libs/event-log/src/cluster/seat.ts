/**
 * One partition as this process sees it. Invariant: no partition waits for another, so one whose store is away holds up nobody;
 * what is owned here holds a lease or is fenced by the store, nothing relies on time.
 *
 *   free ──take──▶ owned ──the rightful owner lives──▶ handing over ──▶ free
 *                    ├──fenced, or its lease went to another──▶ free
 *                    └──failed──▶ free, and not taken here for a while
 *
 * A free partition is taken by the first in its ranking at once, by the next 400 ms later and so on: a dead one is replaced
 * as soon as its lease ran out.
 */
import type { Clock } from '../clock.ts';
import type { Logger, Observer } from '../observe.ts';
import { Outages } from '../owner/outages.ts';
import { PartitionOwner, type OwnerEnd, type OwnerOptions, type Tenure } from '../owner/partition-owner.ts';
import type { LogStore } from '../port.ts';
import type { Liveness } from './liveness.ts';
import { rendezvous } from './rendezvous.ts';

export interface SeatParts {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: Observer;
  readonly random: () => number;
  readonly processID: string;
  readonly liveness: Liveness;
  readonly leaseMs: number;
  readonly owner: Omit<OwnerOptions, 'onWatch' | 'onForgotten' | 'outages'>;
  /** The owner came or went. */
  readonly onChange: () => void;
  /** The store forgot commits of this partition that it had acknowledged, or may have. */
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

export class Seat {
  readonly partition: number;
  readonly #parts: SeatParts;
  readonly #outages: Outages;
  #owned: Owned | undefined;
  #freeSince: number | undefined;
  /** The last commit that an owner here saw acknowledged. */
  #known = 0;
  /** How often it failed here in a row, and until when it is left to others. */
  #avoided: { readonly times: number; readonly until: number } = { times: 0, until: -Infinity };
  #taken = 0;
  #missing = true;
  #away = false;
  #leaving = false;
  #round: Promise<void> | undefined;

  constructor(partition: number, parts: SeatParts) {
    this.partition = partition;
    this.#parts = parts;
    this.#outages = new Outages(parts.clock);
  }

  get owner(): PartitionOwner | undefined {
    return this.#owned?.owner;
  }

  /** True if it is in nobody's hands, or in another's though it is ours. */
  get missing(): boolean {
    return this.#missing && !this.#away;
  }

  /** True if the store did not answer the last question about it. */
  get away(): boolean {
    return this.#away;
  }

  /** One round, unless the last is still under way: renews, takes or hands over. `candidates`: those who may own it; undefined: not known yet. */
  tick(candidates: readonly string[] | undefined): void {
    this.#haltStuck();
    this.#round ??= this.#turn(candidates).finally(() => {
      this.#round = undefined;
    });
  }

  /** Resolves when no round is under way. */
  async idle(): Promise<void> {
    await this.#round;
  }

  lost(process: string): void {
    this.owner?.lost(process);
  }

  /** It is not taken from now on. */
  leave(): void {
    this.#leaving = true;
  }

  handOver(): void {
    if (this.#owned === undefined || this.#owned.leaving !== undefined) return;
    this.#owned.leaving = this.#parts.clock.monotonic();
    this.#owned.owner.handOver();
  }

  async #turn(candidates: readonly string[] | undefined): Promise<void> {
    try {
      if (this.#owned !== undefined) await this.#keep(this.#owned, candidates);
      else if (!this.#leaving && candidates !== undefined) this.#missing = await this.#consider(candidates);
      this.#away = false;
    } catch {
      this.#away = true;
    }
  }

  async #keep(owned: Owned, candidates: readonly string[] | undefined): Promise<void> {
    const { clock, liveness, processID } = this.#parts;
    const [rightful = processID] = candidates === undefined ? [] : rendezvous(String(this.partition), candidates);
    const claimed = rightful !== processID && liveness.status(rightful) === 'alive';
    if (claimed && clock.monotonic() >= owned.keptUntil) this.handOver();
    this.#missing = false;
    await this.#renew(owned);
  }

  /** True if the partition is in nobody's hands, or in another's though it is ours. */
  async #consider(candidates: readonly string[]): Promise<boolean> {
    const { store, clock, processID } = this.#parts;
    const holder = await this.#outages.watch(() => store.holder(this.partition));
    const rank = rendezvous(String(this.partition), candidates).indexOf(processID);
    if (holder !== undefined) {
      this.#freeSince = undefined;
      return rank === 0;
    }
    if (clock.monotonic() < this.#avoided.until) return true;
    this.#freeSince ??= clock.monotonic();
    if (clock.monotonic() - this.#freeSince < rank * rankStepMs) return true;
    return !(await this.#take(rank === 0 ? 0 : keptMs));
  }

  async #take(keepMs: number): Promise<boolean> {
    const { store, processID, leaseMs, random, clock } = this.#parts;
    const { partition } = this;
    this.#taken += 1;
    const token = `${processID}/${String(this.#taken)}/${random().toString(36).slice(2)}`;
    const head = await store.take(partition, token, leaseMs);
    this.#freeSince = undefined;
    if (head !== undefined && this.#leaving) await store.release(partition, token, head.epoch);
    if (head === undefined || this.#leaving) return false;
    const tenure = { partition, token, head };
    const owner = new PartitionOwner(this.#ownerOptions(head.commit), tenure);
    const now = clock.monotonic();
    this.#owned = { owner, tenure, keptUntil: now + keepMs, renewed: now, leaving: undefined };
    this.#report('taken');
    void owner.ended.then((end) => {
      this.#ended(owner, end);
    });
    return true;
  }

  #ownerOptions(found: number): OwnerOptions {
    const { liveness, owner } = this.#parts;
    let told = this.#compare(found);
    return {
      ...owner,
      outages: this.#outages,
      onWatch: (processes) => {
        for (const process of processes) {
          liveness.expect(process);
          if (liveness.status(process) === 'dead') this.lost(process);
        }
      },
      onForgotten: (commit) => {
        if (!told) this.#regressed(commit, found);
        told = true;
      },
    };
  }

  /**
   * The store may only go on from what was known of the partition. After an outage nobody may know any more: then others
   * are asked as if it had forgotten something. True if they are.
   */
  #compare(found: number): boolean {
    const { clock, onRegressed } = this.#parts;
    const known = this.#known;
    this.#known = 0;
    if (found < known) this.#regressed(known, found);
    else if (found === known || clock.monotonic() >= this.#outages.quietUntil) return false;
    else onRegressed(this.partition);
    return true;
  }

  #ended(owner: PartitionOwner, end: OwnerEnd): void {
    this.#known = Math.max(owner.commit, this.#known);
    if (this.#owned?.owner === owner) this.#owned = undefined;
    if (end === 'failed') this.#avoid();
    this.#report(end === 'halted' ? 'fenced' : end);
  }

  /** Another shall try; this process waits longer each time, and forgets it after a good while without a failure. */
  #avoid(): void {
    const now = this.#parts.clock.monotonic();
    const times = now - this.#avoided.until > 2 * longestAvoidanceMs ? 0 : this.#avoided.times + 1;
    this.#avoided = { times, until: now + Math.min(longestAvoidanceMs, 1000 * 2 ** times) };
  }

  #report(kind: 'taken' | 'released' | 'fenced' | 'failed'): void {
    const { log, observer, onChange } = this.#parts;
    log.info({ partition: this.partition, kind }, 'ownership changed');
    observer.ownership?.({ partition: this.partition, kind });
    onChange();
  }

  #regressed(known: number, found: number): void {
    const { log, observer, onRegressed } = this.#parts;
    log.error({ partition: this.partition, known, found }, 'the store lost commits');
    observer.regressed?.({ partition: this.partition, known, found });
    onRegressed(this.partition);
  }

  /** An owner that is told no is told so of a partition that another has, or whose commits are lost: then it must not wait for its own lease. */
  async #renew(owned: Owned): Promise<void> {
    const { store, clock, leaseMs } = this.#parts;
    const { owner, tenure } = owned;
    const now = clock.monotonic();
    if (now - Math.max(owned.renewed, owner.committedAt) < renewEveryMs) return;
    const { token, head } = tenure;
    const claim = { token, epoch: head.epoch, commit: owner.commit };
    if (await this.#outages.watch(() => store.renew(this.partition, claim, leaseMs))) owned.renewed = now;
    else if (owned.leaving === undefined) {
      owner.halt();
      await store.release(this.partition, token, head.epoch);
    }
  }

  #haltStuck(): void {
    const leaving = this.#owned?.leaving;
    if (leaving !== undefined && this.#parts.clock.monotonic() - leaving > longestHandoverMs) this.owner?.halt();
  }
}
