/** The calls as one client knows them. Invariant 3, seen from here: of a call that it was told of it is told the end, once. */
import type { CallID, UserID } from '@switchboard/protocol';

export interface ClientCall {
  callID: CallID | undefined;
  /** Of a call that this client placed. */
  readonly requestID: string | undefined;
  readonly peer: UserID | undefined;
  /** `accepted`: this client said so. `talking`: it has an answer, or was told that it is in the call. */
  phase: 'placed' | 'ringing' | 'accepted' | 'talking' | 'stopped' | 'ended';
  n: number;
  /** The last leg that it offered. */
  leg: string | undefined;
  /** The socket on which it was told of the end. */
  endedOn?: string;
}

export class ClientCalls {
  #calls: ClientCall[] = [];
  /** How often it was told of an end, and why. */
  readonly ends = new Map<CallID, string[]>();

  add(call: Omit<ClientCall, 'n'>): ClientCall {
    const added = { ...call, n: 0 };
    this.#calls.push(added);
    return added;
  }

  /** By callID, or as the call that this client asked for. */
  find(callID: CallID, requestID: string | undefined): ClientCall | undefined {
    const all = this.#calls.filter((call) => call.callID === callID);
    const known = all.find(({ phase }) => phase !== 'ended') ?? all[0];
    if (known !== undefined || requestID === undefined) return known;
    const asked = this.#calls.find((call) => call.requestID === requestID && call.callID === undefined);
    if (asked !== undefined) asked.callID = callID;
    return asked;
  }

  /** What was placed as one call is another one: they are one from now on, unless that one has ended before. */
  merge(callID: CallID, into: CallID, requestID: string | undefined): void {
    const placed =
      this.find(callID, undefined) ??
      this.#calls.find((call) => requestID !== undefined && call.requestID === requestID);
    const other = this.#calls.find((call) => call.callID === into && call !== placed);
    if (placed === undefined) return;
    if (other === undefined || other.phase === 'ended') {
      placed.callID = into;
      return;
    }
    if (placed.phase === 'stopped') other.phase = 'stopped';
    this.#calls = this.#calls.filter((call) => call !== placed);
  }

  live(): ClientCall[] {
    return this.#calls.filter(({ phase }) => phase !== 'stopped' && phase !== 'ended');
  }

  latest(...phases: ClientCall['phase'][]): ClientCall | undefined {
    return this.#calls.findLast(({ phase }) => phases.includes(phase));
  }

  /** Placed, and not yet known to be any call. */
  unnamed(): ClientCall[] {
    return this.#calls.filter(({ callID, phase }) => callID === undefined && phase === 'placed');
  }

  /**
   * False if it was told before on this socket. An end of a call that it does not know is no news to it, and on another socket it
   * may hear an end again: its Line may not have known yet, and says at login that it is in that call.
   */
  end(
    callID: CallID,
    { requestID, reason, socket }: { requestID: string | undefined; reason: string; socket: string },
  ): boolean {
    const call = this.find(callID, requestID);
    if (call === undefined) return true;
    const again = call.phase === 'ended' && call.endedOn === socket;
    for (const each of this.#calls.filter((some) => some === call || some.callID === callID))
      Object.assign(each, { phase: 'ended', endedOn: socket });
    this.ends.set(callID, [...(this.ends.get(callID) ?? []), reason]);
    return !again;
  }

  forgetAll(): void {
    this.#calls = [];
  }
}
