/**
 * The legs of a session's calls. Invariant: a call has its MOST_LEGS latest legs here at most: the one before the current is
 * needed only until the answer of the current is there.
 */
import type { CallID, LegID } from '@switchboard/protocol';
import { Leg } from './leg.ts';

const MOST_LEGS = 2;

export class LegTable {
  readonly #legs = new Map<LegID, Leg>();
  /** The latest offer; it stays after its call ended, so that late candidates go nowhere and not to an older leg. */
  #current: LegID | undefined;

  get size(): number {
    return this.#legs.size;
  }

  get current(): Leg | undefined {
    return this.#current === undefined ? undefined : this.#legs.get(this.#current);
  }

  get(id: LegID): Leg | undefined {
    return this.#legs.get(id);
  }

  /** The latest leg of a call. */
  latestOf(callID: CallID): Leg | undefined {
    return this.#of(callID).at(-1);
  }

  /** A new offer of the client. */
  offer(callID: CallID, id: LegID): void {
    this.#add(new Leg(id, callID));
    this.#current = id;
  }

  /** The leg that the Call has for this device; one that is not known here was offered over an earlier socket. */
  adopt(callID: CallID, id: LegID): Leg {
    const leg = this.#legs.get(id) ?? new Leg(id, callID);
    leg.join(callID);
    this.#add(leg);
    this.#current ??= id;
    return leg;
  }

  /** The legs of one call belong to another. */
  move(from: CallID, to: CallID): void {
    for (const leg of this.#of(from)) leg.join(to);
    this.#trim(to);
  }

  /** The offer went nowhere. */
  retract(id: LegID): void {
    this.#legs.delete(id);
  }

  drop(callID: CallID): void {
    for (const leg of this.#of(callID)) this.#legs.delete(leg.id);
  }

  #add(leg: Leg): void {
    this.#legs.delete(leg.id);
    this.#legs.set(leg.id, leg);
    this.#trim(leg.callID);
  }

  #trim(callID: CallID): void {
    for (const leg of this.#of(callID).slice(0, -MOST_LEGS)) this.#legs.delete(leg.id);
  }

  #of(callID: CallID): Leg[] {
    return [...this.#legs.values()].filter((leg) => leg.callID === callID);
  }
}
