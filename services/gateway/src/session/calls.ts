/**
 * The calls that this session has been told of, or may be in.
 *
 *   place ──> placed ──────┬──────────┐
 *                          └ stopped ─┤
 *   ring ──> ringing ⇄ accepted ──────┼─> (dropped)
 *                                     │
 *   ask ──> asked ──snapshot──> placed, accepted
 *
 * `stopped`: given up by a native client that has not heard its callID yet: it is told once, so that it can tell this call
 * from its next. `asked`: its Call was asked how it is; it answers with a snapshot or with its end.
 *
 * Invariants: a call stands here from the first word about it until its end was written, so an end is written at most once;
 * a leg stands here no longer than its call; at most MOST_CALLS calls, and one alias for each.
 */
import type { CallID, LegID, Role, UserID } from '@switchboard/protocol';
import { LegTable } from './legs.ts';

export const MOST_CALLS = 32;

export type KnownCall =
  /** `named`: the client was told its callID. */
  | {
      readonly kind: 'placed';
      readonly callID: CallID;
      readonly requestID: string | undefined;
      readonly named: boolean;
    }
  | { readonly kind: 'stopped' | 'asked'; readonly callID: CallID }
  | { readonly kind: 'ringing' | 'accepted'; readonly callID: CallID; readonly callerID: UserID };

/** Whoever placed a call is spoken to as its caller, also if it became the callee of another; the Call knows the rest. */
export function roleIn(call: KnownCall | undefined, said: Role): Role {
  if (call?.kind === 'placed' || call?.kind === 'stopped') return 'caller';
  return call?.kind === 'ringing' || call?.kind === 'accepted' ? 'callee' : said;
}

export class CallTable {
  readonly legs = new LegTable();
  readonly #calls = new Map<CallID, KnownCall>();
  /** Under which callID a call goes on that was placed as this one. */
  readonly #aliases = new Map<CallID, CallID>();

  get size(): number {
    return this.#calls.size;
  }

  all(): readonly KnownCall[] {
    return [...this.#calls.values()];
  }

  get(callID: CallID): KnownCall | undefined {
    return this.#calls.get(callID);
  }

  /** The call that a client means by this callID. */
  find(callID: CallID): KnownCall | undefined {
    return this.#calls.get(this.#aliases.get(callID) ?? callID);
  }

  /** False if there are too many already. */
  place(callID: CallID, leg: LegID, requestID: string | undefined): boolean {
    if (this.#calls.size >= MOST_CALLS) this.#dropOldest('stopped');
    if (this.#calls.size >= MOST_CALLS) return false;
    this.#calls.set(callID, { kind: 'placed', callID, requestID, named: false });
    this.legs.offer(callID, leg);
    return true;
  }

  /** False if it rings or rang here already. The oldest call gives way: a session is never told of so many at once. */
  ring(callID: CallID, callerID: UserID): boolean {
    const call = this.#calls.get(callID);
    if (call !== undefined && call.kind !== 'asked') return false;
    this.#enter({ kind: 'ringing', callID, callerID });
    return true;
  }

  /** Its Call is being asked whether this device is in it. */
  ask(callID: CallID): void {
    if (!this.#calls.has(callID)) this.#enter({ kind: 'asked', callID });
  }

  /** Its Call says that this device is in it. Undefined: the client gave it up meanwhile; `stopped`: and must hear its name. */
  snapshot(callID: CallID, role: Role, peer: UserID): KnownCall | undefined {
    const call = this.#calls.get(callID);
    if (call?.kind === 'stopped') this.drop(callID);
    if (call?.kind === 'placed') this.name(callID);
    if (call?.kind !== 'asked' && call?.kind !== 'ringing') return call;
    const now: KnownCall =
      role === 'caller'
        ? { kind: 'placed', callID, requestID: undefined, named: true }
        : { kind: 'accepted', callID, callerID: peer };
    this.#calls.set(callID, now);
    return now;
  }

  /** What was placed as `callID` is `into`. False if the client has given it up. */
  merge(callID: CallID, into: CallID): boolean {
    const call = this.#calls.get(callID);
    if (call?.kind !== 'placed' && call?.kind !== 'asked') return false;
    const placed = call.kind === 'placed' ? call : { kind: 'placed' as const, requestID: undefined, named: true };
    this.#calls.delete(callID);
    this.#calls.delete(into);
    this.#calls.set(into, { ...placed, callID: into });
    this.legs.move(callID, into);
    this.#forgetAlias(into);
    this.#aliases.set(callID, into);
    return true;
  }

  accept(callID: CallID, leg: LegID): void {
    this.#turn(callID, 'accepted');
    this.legs.offer(callID, leg);
  }

  /** The answer came: whatever was thought before, the accept went through. */
  confirm(callID: CallID): void {
    this.#turn(callID, 'accepted');
  }

  /** The accept did not go through, or nobody knows: it may be tried again. `taken`: its leg may still get an answer. */
  unaccept(callID: CallID, leg: LegID, taken: boolean): void {
    this.#turn(callID, 'ringing');
    if (!taken) this.legs.retract(leg);
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
    const unheard = call.kind === 'asked' || (call.kind === 'placed' && !call.named);
    if (names && unheard) this.#calls.set(call.callID, { kind: 'stopped', callID: call.callID });
  }

  /** Undefined if it was not known. */
  drop(callID: CallID): KnownCall | undefined {
    const call = this.#calls.get(callID);
    this.#calls.delete(callID);
    this.legs.drop(callID);
    this.#forgetAlias(callID);
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

  #enter(call: KnownCall): void {
    if (!this.#calls.has(call.callID) && this.#calls.size >= MOST_CALLS) this.#dropOldest();
    this.#calls.set(call.callID, call);
  }

  #dropOldest(kind?: KnownCall['kind']): void {
    const oldest = [...this.#calls.values()].find((call) => kind === undefined || call.kind === kind);
    if (oldest !== undefined) this.drop(oldest.callID);
  }

  #forgetAlias(of: CallID): void {
    for (const [alias, callID] of this.#aliases) if (callID === of) this.#aliases.delete(alias);
  }

  #turn(callID: CallID, kind: 'ringing' | 'accepted'): void {
    const call = this.#calls.get(callID);
    if (call?.kind !== 'ringing' && call?.kind !== 'accepted') return;
    this.#calls.set(callID, { kind, callID, callerID: call.callerID });
  }
}
