/**
 * The connections of one call to the media server: the one that carries it, and the one that is to take its place.
 *
 *   nothing ──first──> current ──renew──> current + next ──the answer of the next is set──> the next is the current one
 *                                                             and the one before is shown until the next has what it had
 *
 * A connection that fails is renewed once; what connects may fail again. No answer in 15 s, or a failure of what replaced it: lost.
 * While there is no gateway nothing is lost: the call waits for it as long as the grace time lets it.
 */
import type { Candidate } from '@switchboard/protocol';
import { Leg, type LegEvents } from './leg.ts';
import type { CallHost } from './host.ts';

export const ANSWER_MS = 15_000;
/** How long the other's last picture may stand in for one that does not come. */
export const SHOWN_MS = 2_000;
const MOST_NAMES = 8;

export interface LegsEvents {
  onCandidate(legID: string, candidate: Candidate): void;
  onRemoteStream(stream: MediaStream): void;
  /** The current one failed and there is a gateway that can be asked for another. */
  onBroken(): void;
  onLost(): void;
}

export class Legs {
  readonly #host: CallHost;
  readonly #events: LegsEvents;
  #current: Leg | undefined;
  #next: Leg | undefined;
  /** Was replaced, and is still what the other is seen by. */
  #shown: { readonly leg: Leg; readonly cancel: () => void } | undefined;
  /** `used`: the current or next leg is the second try. */
  #recovery: 'ready' | 'used' = 'ready';
  #names: string[] = [];
  #cancelDeadline: () => void = () => undefined;

  constructor(host: CallHost, events: LegsEvents) {
    this.#host = host;
    this.#events = events;
  }

  get currentID(): string | undefined {
    return this.#current?.id;
  }
  /** The one that was offered in place of the current one and has no answer yet. */
  get next(): Leg | undefined {
    return this.#next;
  }
  /** The names of all that were offered lately, also of those that are closed. */
  get names(): readonly string[] {
    return this.#names;
  }

  async first(stream: MediaStream): Promise<Leg> {
    const leg = this.#make();
    this.#current = leg;
    await leg.offer(stream);
    return leg;
  }

  firstSent(): void {
    this.#current?.offerSent();
  }

  /** Undefined if still another one, or the end, came in between. */
  async renew(stream: MediaStream): Promise<Leg | undefined> {
    this.#next?.close();
    const leg = this.#make();
    this.#next = leg;
    try {
      await leg.offer(stream);
    } catch (error) {
      if (this.#next === leg) throw error;
    }
    return this.#next === leg ? leg : undefined;
  }

  /** The offer of the next was sent, be it again: its answer is waited for. */
  awaitAnswer(): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#host.deps.later(ANSWER_MS, () => {
      if (this.#next && this.#host.isOnline()) this.#events.onLost();
    });
  }

  /** Without a legID it is the answer of the current one. An answer for none of them is obsolete. */
  async answer(legID: string | undefined, sdp: string): Promise<void> {
    const leg = this.#find(legID);
    await leg?.answer(sdp);
    if (leg && leg === this.#next) this.#promote(leg);
  }

  addCandidate(legID: string | undefined, candidate: Candidate): void {
    this.#find(legID)?.addCandidate(candidate);
  }

  /** After a resume: what this side said may be lost, and what failed meanwhile is noticed now. */
  resumed(): void {
    for (const leg of this.#all()) leg.repeatCandidates();
    if (this.#current?.state === 'failed' && !this.#next) this.#failed(this.#current);
  }

  async setPicture(track: MediaStreamTrack | null): Promise<void> {
    await Promise.all(this.#all().map((leg) => leg.setPicture(track)));
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return this.#current?.getStats();
  }

  close(): void {
    this.#cancelDeadline();
    const legs = this.#all();
    this.#current = this.#next = undefined;
    this.#letGo();
    for (const leg of legs) leg.close();
  }

  #promote(leg: Leg): void {
    this.#cancelDeadline();
    this.#letGo();
    if (this.#current) this.#keepShown(this.#current, leg);
    this.#current = leg;
    this.#next = undefined;
    this.#show(leg);
    if (leg.state === 'connected') this.#recovery = 'ready';
    if (leg.state === 'failed') this.#failed(leg);
  }

  #keepShown(old: Leg, leg: Leg): void {
    const cancel = this.#host.deps.later(SHOWN_MS, () => {
      this.#letGo();
      this.#show(leg);
    });
    this.#shown = { leg: old, cancel };
  }

  /** By the current leg, once it has all that its predecessor had. */
  #show(leg: Leg): void {
    const { remoteStream } = leg;
    if (leg !== this.#current) return;
    if (tracksOf(this.#shown?.leg) <= tracksOf(leg)) this.#letGo();
    if (remoteStream && !this.#shown) this.#events.onRemoteStream(remoteStream);
  }

  #letGo(): void {
    this.#shown?.cancel();
    this.#shown?.leg.close();
    this.#shown = undefined;
  }

  #failed(leg: Leg): void {
    if (leg !== this.#current || this.#next || !this.#host.isOnline()) return;
    if (this.#recovery === 'used') return this.#events.onLost();
    this.#recovery = 'used';
    this.#events.onBroken();
  }

  #make(): Leg {
    const { deps } = this.#host;
    const events: LegEvents = {
      onCandidate: ({ id }, candidate) => this.#events.onCandidate(id, candidate),
      onRemoteStream: (leg) => this.#show(leg),
      onConnected: (leg) => {
        if (leg === this.#current) this.#recovery = 'ready';
      },
      onFailed: (leg) => this.#failed(leg),
    };
    const leg = new Leg(this.#host.nextLegID(), deps, this.#host.iceServers(), events);
    this.#names = [...this.#names, leg.id].slice(-MOST_NAMES);
    return leg;
  }

  #find(legID: string | undefined): Leg | undefined {
    return legID === undefined ? this.#current : this.#all().find(({ id }) => id === legID);
  }

  #all(): Leg[] {
    return [this.#current, this.#next].filter((leg) => leg !== undefined);
  }
}

const tracksOf = (leg: Leg | undefined): number => leg?.remoteStream?.getTracks().length ?? 0;
