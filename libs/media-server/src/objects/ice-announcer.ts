/**
 * Tells the client about ICE in Kurento's order. libdatachannel gathers at once; Kurento gathers when told to, so
 * everything is held until `gatherCandidates` was called and the sections are known. Invariant: what was held
 * goes out in order, each candidate once per section.
 */
import type { CandidatePair, IceState } from '../webrtc/transport.ts';
import type { EventType } from './catalogue.ts';
import type { EventDetails } from './media-object.ts';

export interface AnnouncedSection {
  readonly mid: string;
  readonly index: number;
}

type Emit = (type: EventType, details?: EventDetails) => void;

/** RTP and RTCP are multiplexed, but Kurento tells of both components until the peer agreed. */
const COMPONENTS = [1, 2];

const KURENTO_STATES: Readonly<Record<IceState, string>> = {
  checking: 'CONNECTING',
  connected: 'CONNECTED',
  completed: 'READY',
  disconnected: 'DISCONNECTED',
  failed: 'FAILED',
};

export class IceAnnouncer {
  readonly #emit: Emit;
  readonly #held: (() => void)[] = [];
  readonly candidates: string[] = [];
  #sections: readonly AnnouncedSection[] = [];
  #asked = false;
  #begun = false;
  state = 'DISCONNECTED';

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** The client called `gatherCandidates`. */
  gather(): void {
    this.#asked = true;
    this.#begin();
  }

  /** The description is made. */
  negotiated(sections: readonly AnnouncedSection[]): void {
    this.#sections = sections;
    this.#begin();
  }

  candidate(candidate: string): void {
    this.candidates.push(candidate);
    this.#tell(() => {
      for (const { mid, index } of this.#sections) {
        const details = {
          __module__: 'kurento',
          __type__: 'IceCandidate',
          candidate,
          sdpMLineIndex: index,
          sdpMid: mid,
        };
        this.#emit('IceCandidateFound', { candidate: details });
      }
    });
  }

  gathered(): void {
    this.#tell(() => this.#emit('IceGatheringDone'));
  }

  changed(state: IceState, pair: CandidatePair | null): void {
    this.#tell(() => {
      if (state === 'connected' && pair) this.#emit('NewCandidatePairSelected', { candidatePair: pairDetails(pair) });
      this.#component(1, KURENTO_STATES[state]);
    });
  }

  #begin(): void {
    if (this.#begun || !this.#asked || this.#sections.length === 0) return;
    this.#begun = true;
    for (const component of COMPONENTS) this.#component(component, 'GATHERING');
    for (const tell of this.#held.splice(0)) tell();
  }

  #component(componentId: number, state: string): void {
    this.state = state;
    this.#emit('IceComponentStateChanged', { componentId, state, streamId: 1 });
  }

  #tell(tell: () => void): void {
    if (this.#begun) tell();
    else this.#held.push(tell);
  }
}

const pairDetails = (pair: CandidatePair) => ({
  __module__: 'kurento',
  __type__: 'IceCandidatePair',
  componentId: 1,
  localCandidate: pair.local,
  remoteCandidate: pair.remote,
  streamId: '1',
});
