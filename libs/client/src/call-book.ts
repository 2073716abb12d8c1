/**
 * Which call a message belongs to. A call that this device placed has no callID until the server answers: such calls wait in
 * the order in which they were sent, also those that were hung up meanwhile, whose callID still comes.
 */
import type { LiveCall } from './call.ts';

const REMEMBERED_ENDS = 200;

interface Address {
  callID?: string | undefined;
  legID?: string | undefined;
}

export class CallBook {
  readonly #live = new Set<LiveCall>();
  readonly #over = new Set<string>();
  #unnamed: LiveCall[] = [];

  add(call: LiveCall): void {
    this.#live.add(call);
  }

  /** The call is on its way to the server. */
  sent(call: LiveCall): void {
    this.#unnamed.push(call);
  }

  live(): LiveCall[] {
    return [...this.#live];
  }

  isKnown(callID: string): boolean {
    return this.#over.has(callID) || this.#byID(callID) !== undefined;
  }

  /** A `naming` message may bring a callID for the first time. */
  find({ callID, legID }: Address, what: 'naming' | 'known'): LiveCall | undefined {
    if (callID !== undefined && this.#over.has(callID)) return undefined;
    const call = legID === undefined ? this.#byID(callID) : this.#byLeg(legID);
    if (call && call.callID !== undefined) return this.#ifLive(call);
    if (what === 'known' || callID === undefined) return this.#ifLive(call);
    return this.#name(call ?? (legID === undefined ? this.#unnamed[0] : undefined), callID);
  }

  /** The call that the server refused to take in. */
  takeRefused(): LiveCall | undefined {
    const refused = this.#unnamed.find((call) => this.#live.has(call));
    this.#unnamed = this.#unnamed.filter((call) => call !== refused);
    return refused;
  }

  /** The call that was accepted here and waits for the server. */
  accepting(): LiveCall | undefined {
    return this.live().find((call) => call.direction === 'incoming' && call.state.phase === 'connecting');
  }

  close(call: LiveCall): void {
    this.#live.delete(call);
    if (call.callID !== undefined) this.#remember(call.callID);
  }

  /** A new session: what the old one had placed is never named any more. */
  forgetUnnamed(): void {
    this.#unnamed = [];
  }

  #byID(callID: string | undefined): LiveCall | undefined {
    return callID === undefined ? undefined : this.live().find((call) => call.callID === callID);
  }

  #byLeg(legID: string): LiveCall | undefined {
    return [...this.#live, ...this.#unnamed].find((call) => call.legID === legID);
  }

  #name(call: LiveCall | undefined, callID: string): LiveCall | undefined {
    if (!call) return undefined;
    call.callID = callID;
    this.#unnamed = this.#unnamed.filter((one) => one !== call);
    if (!this.#live.has(call)) this.#remember(callID);
    return this.#ifLive(call);
  }

  #ifLive(call: LiveCall | undefined): LiveCall | undefined {
    return call && this.#live.has(call) ? call : undefined;
  }

  #remember(callID: string): void {
    this.#over.add(callID);
    const oldest = this.#over.values().next().value;
    if (this.#over.size > REMEMBERED_ENDS && oldest !== undefined) this.#over.delete(oldest);
  }
}
