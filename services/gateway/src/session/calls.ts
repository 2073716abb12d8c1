/**
 * The calls that this session has been told of, and their legs.
 *
 *   place ──> placed ──────┬──────────┐
 *                          └ stopped ─┤
 *   ring ──> ringing ⇄ accepted ──────┴─> (dropped)
 *
 * `stopped`: given up by a native client that has not heard its callID yet: it is told once, so that it can tell this call
 * from its next.
 *
 * Invariants: a call stands here from the first word about it until its end was written, so an end is written at most once;
 * a leg stands here as long as its call; at most MOST_CALLS calls.
 */
import type { CallID, LegID, UserID } from '@switchboard/protocol';
import { Leg } from './leg.ts';

export const MOST_CALLS = 32;

export type KnownCall =
  /** `named`: the client was told its callID. */
  | {
      readonly kind: 'placed';
      readonly callID: CallID;
      readonly requestID: string | undefined;
      readonly named: boolean;
    }
  | { readonly kind: 'stopped'; readonly callID: CallID }
  | { readonly kind: 'ringing' | 'accepted'; readonly callID: CallID; readonly callerID: UserID };

export class CallTable {
  readonly #calls = new Map<CallID, KnownCall>();
  readonly #legs = new Map<LegID, Leg>();
  /** The latest offer; it stays after its call ended, so that late candidates go nowhere and not to an older leg. */
  #current: LegID | undefined;

  get size(): number {
    return this.#calls.size;
  }

  get legs(): number {
    return this.#legs.size;
  }

  get(callID: CallID): KnownCall | undefined {
    return this.#calls.get(callID);
  }

  leg(id: LegID | undefined): Leg | undefined {
    return id === undefined ? undefined : this.#legs.get(id);
  }

  get currentLeg(): LegID | undefined {
    return this.#current;
  }

  /** The latest leg of a call. */
  legOf(callID: CallID): Leg | undefined {
    return [...this.#legs.values()].findLast((leg) => leg.callID === callID);
  }

  /** False if there are too many already. */
  place(callID: CallID, leg: LegID, requestID: string | undefined): boolean {
    if (this.#calls.size >= MOST_CALLS) this.#dropOldest('stopped');
    if (this.#calls.size >= MOST_CALLS) return false;
    this.#calls.set(callID, { kind: 'placed', callID, requestID, named: false });
    this.#offer(callID, leg);
    return true;
  }

  /** False if it rings or rang here already. The oldest call gives way: a session is never told of so many at once. */
  ring(callID: CallID, callerID: UserID): boolean {
    if (this.#calls.has(callID)) return false;
    if (this.#calls.size >= MOST_CALLS) this.#dropOldest();
    this.#calls.set(callID, { kind: 'ringing', callID, callerID });
    return true;
  }

  accept(callID: CallID, leg: LegID): void {
    this.#turn(callID, 'accepted');
    this.#offer(callID, leg);
  }

  /** The answer came: whatever was thought before, the accept went through. */
  confirm(callID: CallID): void {
    this.#turn(callID, 'accepted');
  }

  /** The accept did not go through, or nobody knows: it may be tried again. `taken`: its leg may still get an answer. */
  unaccept(callID: CallID, leg: LegID, taken: boolean): void {
    this.#turn(callID, 'ringing');
    if (!taken) this.#legs.delete(leg);
  }

  /** The client is being told of the call by its callID. */
  name(callID: CallID): void {
    const call = this.#calls.get(callID);
    if (call?.kind === 'placed') this.#calls.set(callID, { ...call, named: true });
    if (call?.kind === 'stopped') this.drop(callID);
  }

  /** The client ends it. `names`: it is a client that knows calls by their callID. */
  stop(call: KnownCall, names: boolean): void {
    this.drop(call.callID);
    const unnamed = call.kind === 'placed' && !call.named;
    if (names && unnamed) this.#calls.set(call.callID, { kind: 'stopped', callID: call.callID });
  }

  /** Undefined if it was not known. */
  drop(callID: CallID): KnownCall | undefined {
    const call = this.#calls.get(callID);
    this.#calls.delete(callID);
    for (const leg of this.#legs.values()) if (leg.callID === callID) this.#legs.delete(leg.id);
    return call;
  }

  withRequest(requestID: string): KnownCall | undefined {
    return [...this.#calls.values()].find((call) => call.kind === 'placed' && call.requestID === requestID);
  }

  /** The latest call that this session placed or accepted. */
  latestOwn(): KnownCall | undefined {
    return [...this.#calls.values()].findLast(({ kind }) => kind === 'placed' || kind === 'accepted');
  }

  latestRinging(callerID: UserID): KnownCall | undefined {
    return [...this.#calls.values()].findLast((call) => call.kind === 'ringing' && call.callerID === callerID);
  }

  #dropOldest(kind?: KnownCall['kind']): void {
    const oldest = [...this.#calls.values()].find((call) => kind === undefined || call.kind === kind);
    if (oldest !== undefined) this.drop(oldest.callID);
  }

  #offer(callID: CallID, leg: LegID): void {
    this.#legs.set(leg, new Leg(leg, callID));
    this.#current = leg;
  }

  #turn(callID: CallID, kind: 'ringing' | 'accepted'): void {
    const call = this.#calls.get(callID);
    if (call?.kind !== 'ringing' && call?.kind !== 'accepted') return;
    this.#calls.set(callID, { kind, callID, callerID: call.callerID });
  }
}
