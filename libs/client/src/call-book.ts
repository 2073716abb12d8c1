/**
 * Which call a message belongs to. A call that this device placed has no callID until the server answers: such calls wait in
 * the order in which they were sent, also those that were hung up meanwhile, whose callID still comes. Of a call that is over
 * the names (its callID and its legs) are remembered, and who knows of the end.
 */
import type { EndKnown } from './call/host.ts';
import type { LiveCall } from './call/live-call.ts';
import type { MessageOf } from './wire.ts';

const REMEMBERED_ENDS = 400;
const REMEMBERED_UNNAMED = 32;

interface Address {
  callID?: string | undefined;
  legID?: string | undefined;
}

export type Found = { kind: 'live'; call: LiveCall } | { kind: 'over'; known: EndKnown } | { kind: 'unknown' };

export class CallBook {
  readonly #live = new Set<LiveCall>();
  readonly #over = new Map<string, EndKnown>();
  #unnamed: LiveCall[] = [];

  add(call: LiveCall): void {
    this.#live.add(call);
  }

  /** The call is on its way to the server. */
  sent(call: LiveCall): void {
    this.#unnamed = [...this.#unnamed, call].slice(-REMEMBERED_UNNAMED);
  }

  live(): LiveCall[] {
    return [...this.#live];
  }

  /** By its callID, else by its leg: after a glare a call goes on under the other's callID. */
  look({ callID, legID }: Pick<MessageOf<'callState'>, 'callID' | 'legID'>): Found {
    const known = this.#over.get(callID);
    if (known !== undefined) return { kind: 'over', known };
    const call = this.#byID(callID) ?? this.#byLeg(legID);
    if (call) this.#rename(call, callID);
    if (call && this.#live.has(call)) return { kind: 'live', call };
    const leg = legID === undefined ? undefined : this.#over.get(legID);
    if (leg !== undefined) this.#remember(callID, leg);
    if (leg !== undefined || call) return { kind: 'over', known: leg ?? 'here' };
    return { kind: 'unknown' };
  }

  /** A `naming` message may bring a callID for the first time, or the one of the call that won a glare. */
  find({ callID, legID }: Address, what: 'naming' | 'known'): LiveCall | undefined {
    if (callID !== undefined && this.#over.has(callID)) return undefined;
    const call = legID === undefined ? this.#byID(callID) : this.#byLeg(legID);
    if (what === 'known' || callID === undefined || call?.callID === callID) return this.#ifLive(call);
    const named = call ?? (legID === undefined ? this.#unnamed[0] : undefined);
    if (named) this.#rename(named, callID);
    return this.#ifLive(named);
  }

  /** The call that the server refused to take in. */
  takeRefused(): LiveCall | undefined {
    const refused = this.#unnamed.find((call) => this.#live.has(call));
    this.#unnamed = this.#unnamed.filter((call) => call !== refused);
    return refused;
  }

  /** The call that was accepted here and waits for the server. */
  accepting(): LiveCall | undefined {
    return this.live().find(({ direction, isUnheard }) => direction === 'incoming' && isUnheard);
  }

  /** Calls that were placed, and perhaps never heard of. */
  unheard(): LiveCall[] {
    return this.live().filter(({ direction, isUnheard }) => direction === 'outgoing' && isUnheard);
  }

  close(call: LiveCall, known: EndKnown): void {
    this.#live.delete(call);
    if (known === 'lost') return;
    for (const name of [call.callID, ...call.legNames]) if (name !== undefined) this.#remember(name, known);
  }

  /** A new socket: what was hung up unnamed is told from the others by its legs from now on. */
  forgetUnnamed(): void {
    this.#unnamed = this.#unnamed.filter((call) => this.#live.has(call));
  }

  #byID(callID: string | undefined): LiveCall | undefined {
    return callID === undefined ? undefined : this.live().find((call) => call.callID === callID);
  }

  #byLeg(legID: string | undefined): LiveCall | undefined {
    if (legID === undefined) return undefined;
    return [...this.#live, ...this.#unnamed].find(({ legNames }) => legNames.includes(legID));
  }

  #rename(call: LiveCall, callID: string): void {
    const before = call.callID;
    if (before === callID) return;
    this.#unnamed = this.#unnamed.filter((one) => one !== call);
    if (!this.#live.has(call)) return this.#remember(callID, 'here');
    if (before !== undefined) this.#remember(before, 'there');
    call.nameIt(callID);
  }

  #ifLive(call: LiveCall | undefined): LiveCall | undefined {
    return call && this.#live.has(call) ? call : undefined;
  }

  #remember(name: string, known: EndKnown): void {
    this.#over.set(name, known);
    const oldest = this.#over.keys().next().value;
    if (this.#over.size > REMEMBERED_ENDS && oldest !== undefined) this.#over.delete(oldest);
  }
}
