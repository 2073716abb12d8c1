/** Spreads the partitions over the live orchestrators by rendezvous hashing: what each partition goes through is in seat.ts. */
import type { PartitionOwner } from '../owner/partition-owner.ts';
import { Seat, type SeatParts } from './seat.ts';

export const orchestratorKind = 'orchestrator';

export interface OwnershipParts extends SeatParts {
  readonly partitions: number;
}

const longestHandoverMs = 5000;

export class Ownership {
  readonly #parts: OwnershipParts;
  readonly #seats: readonly Seat[];
  #away = 0;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
    this.#seats = Array.from({ length: parts.partitions }, (_, partition) => new Seat(partition, parts));
  }

  owners(): PartitionOwner[] {
    return this.#seats.flatMap(({ owner }) => (owner === undefined ? [] : [owner]));
  }

  /** True when every partition that can be asked for is here or, rightly, elsewhere. */
  get settled(): boolean {
    return this.#parts.liveness.reads > 1 && !this.#seats.some(({ missing }) => missing);
  }

  /** True if somebody else could take over. */
  get hasPeers(): boolean {
    return this.#candidates().length > 1;
  }

  /** Begins one round of each partition: prolongs leases, takes what is free, hands over what is not ours. */
  tick(): void {
    const candidates = this.#parts.liveness.reads === 0 ? undefined : this.#candidates();
    for (const seat of this.#seats) seat.tick(candidates);
    this.#tellOutage();
  }

  /** A process died: tell every partition here. */
  lost(process: string): void {
    for (const seat of this.#seats) seat.lost(process);
  }

  /** Takes nothing more from now on. */
  leave(): void {
    for (const seat of this.#seats) seat.leave();
  }

  /** Hands everything over; resolves when it is released, or after `longestHandoverMs`. */
  async handOverAll(): Promise<void> {
    this.leave();
    const owners = this.owners();
    for (const seat of this.#seats) seat.handOver();
    const cancel = this.#parts.clock.timer(longestHandoverMs, () => {
      for (const owner of owners) owner.halt();
    });
    await Promise.all(owners.map(({ ended }) => ended));
    cancel();
  }

  /** Drops everything at once, as a crash would. */
  halt(): void {
    this.leave();
    for (const owner of this.owners()) owner.halt();
  }

  /** Resolves when no round is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#seats.map((seat) => seat.idle()));
  }

  #tellOutage(): void {
    const { log } = this.#parts;
    const away = this.#seats.filter((seat) => seat.away).length;
    if (away > 0 && this.#away === 0) log.warn({ partitions: away }, 'partitions wait for the store');
    if (away === 0 && this.#away > 0) log.info({}, 'the store answers for all partitions again');
    this.#away = away;
  }

  /** This process, and the orchestrators that are registered and not dead. */
  #candidates(): string[] {
    const { liveness, processID } = this.#parts;
    const registered = liveness.beats().filter(({ kind }) => kind === orchestratorKind);
    return [...new Set([processID, ...registered.map(({ id }) => id)])];
  }
}
