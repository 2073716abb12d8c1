/**
 * One SDP offer of this session and the candidates around it, both ways.
 * Invariants: no candidate goes to a worker before the leg's `Route` is known, none to the client before the leg's answer
 * was written; at most MAX_HELD_CANDIDATES are kept per direction.
 */
import { MAX_HELD_CANDIDATES, type CallID, type Candidate, type LegID, type WorkerID } from '@switchboard/protocol';

export interface Route {
  readonly workerID: WorkerID;
  readonly attempt: number;
}

interface Local {
  readonly attempt: number;
  readonly candidate: Candidate;
}

export class Leg {
  readonly id: LegID;
  #callID: CallID;
  #route: Route | undefined;
  #answered = false;
  /** The client's candidates: kept after they were sent, since another attempt needs them too. */
  readonly #remote: Candidate[] = [];
  #local: Local[] = [];

  constructor(id: LegID, callID: CallID) {
    this.id = id;
    this.#callID = callID;
  }

  get callID(): CallID {
    return this.#callID;
  }

  get route(): Route | undefined {
    return this.#route;
  }

  /** The offer serves another call: attempts are counted per call, so what is known of the old ones is void. */
  join(callID: CallID): void {
    if (callID === this.#callID) return;
    this.#callID = callID;
    this.#route = undefined;
    this.#local = [];
  }

  /** Takes the client's candidate; false if there was no room to keep it and nowhere to send it yet. */
  takeRemote(candidate: Candidate): boolean {
    const kept = this.#remote.length < MAX_HELD_CANDIDATES;
    if (kept) this.#remote.push(candidate);
    return kept || this.#route !== undefined;
  }

  /** Sets where candidates go; returns those that this attempt has not had. */
  routeTo(route: Route): readonly Candidate[] {
    const same = this.#route?.attempt === route.attempt && this.#route.workerID === route.workerID;
    this.#route = route;
    if (same) return [];
    this.#local = this.#local.filter(({ attempt }) => attempt === route.attempt);
    return [...this.#remote];
  }

  /** Takes a worker's candidate; true if it may be written now. */
  takeLocal(local: Local): 'write' | 'held' | 'dropped' {
    if (this.#route !== undefined && this.#route.attempt !== local.attempt) return 'dropped';
    if (this.#answered) return 'write';
    if (this.#local.length >= MAX_HELD_CANDIDATES) return 'dropped';
    this.#local.push(local);
    return 'held';
  }

  /** The answer is being written now: returns what follows it, or undefined if this leg had its answer before. */
  answer(): readonly Candidate[] | undefined {
    if (this.#answered) return undefined;
    this.#answered = true;
    const held = this.#local;
    this.#local = [];
    return held.map(({ candidate }) => candidate);
  }
}
