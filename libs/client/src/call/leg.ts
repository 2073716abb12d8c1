/**
 * One connection of this device to the media server.
 *
 *   new ──offer──> offered ──answer──> answered ──> connected ⇄ failed ──close──> closed
 *
 * It always has a place for sound and one for a picture, with a track or without: tracks come and go without a new offer.
 */
import type { Candidate } from '@switchboard/protocol';
import type { Deps } from '../deps.ts';
import { OwnCandidates, TheirCandidates } from './candidates.ts';

export interface LegEvents {
  onCandidate(leg: Leg, candidate: Candidate): void;
  onRemoteStream(leg: Leg): void;
  onConnected(leg: Leg): void;
  onFailed(leg: Leg): void;
}

export type LegState = 'new' | 'offered' | 'answered' | 'connected' | 'failed' | 'closed';

export class Leg {
  readonly id: string;
  readonly #peer: RTCPeerConnection;
  readonly #remote: MediaStream;
  readonly #events: LegEvents;
  readonly #own: OwnCandidates;
  readonly #theirs: TheirCandidates;
  #state: LegState = 'new';
  #offer = '';
  #picture: RTCRtpSender | undefined;

  constructor(id: string, deps: Pick<Deps, 'openPeer' | 'newStream'>, iceServers: RTCIceServer[], events: LegEvents) {
    this.id = id;
    // Not `max-bundle`: under it Firefox offers the picture with port 0 and `bundle-only`, which Kurento takes for refused.
    this.#peer = deps.openPeer({ iceServers });
    this.#remote = deps.newStream();
    this.#events = events;
    this.#own = new OwnCandidates((candidate) => events.onCandidate(this, candidate));
    // The browser keeps the order. A candidate that it refuses is one way less, not the end of the call.
    this.#theirs = new TheirCandidates((one) => void this.#peer.addIceCandidate(one).catch(() => undefined));
    this.#peer.onicecandidate = ({ candidate }) => this.#own.found(candidate);
    this.#peer.ontrack = ({ track }) => this.#takeTrack(track);
    this.#peer.onconnectionstatechange = () => this.#connectionIs(this.#peer.connectionState);
  }

  get state(): LegState {
    return this.#state;
  }
  /** As it was sent, for when it has to be sent again. */
  get sdpOffer(): string {
    return this.#offer;
  }
  /** Undefined as long as nothing comes from the other. */
  get remoteStream(): MediaStream | undefined {
    return this.#remote.getTracks().length > 0 ? this.#remote : undefined;
  }

  /** Whoever has no camera still sees the other, and may open one later. */
  async offer(stream: MediaStream): Promise<string> {
    for (const kind of ['audio', 'video'] as const) {
      const track = stream.getTracks().find((one) => one.kind === kind);
      const { sender } = this.#peer.addTransceiver(track ?? kind, { direction: 'sendrecv', streams: [stream] });
      if (kind === 'video') this.#picture = sender;
    }
    const offer = await this.#peer.createOffer();
    await this.#peer.setLocalDescription(offer);
    if (this.#state === 'new') this.#state = 'offered';
    this.#offer = offer.sdp ?? '';
    return this.#offer;
  }

  offerSent(): void {
    this.#own.offerSent();
  }

  repeatCandidates(): void {
    this.#own.repeat();
  }

  /** Only the first answer counts. */
  async answer(sdp: string): Promise<void> {
    if (this.#state !== 'offered') return;
    this.#state = 'answered';
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    this.#theirs.answerSet();
  }

  addCandidate(candidate: Candidate): void {
    this.#theirs.add(candidate);
  }

  async setPicture(track: MediaStreamTrack | null): Promise<void> {
    await this.#picture?.replaceTrack(track);
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  close(): void {
    this.#state = 'closed';
    this.#peer.onicecandidate = null;
    this.#peer.ontrack = null;
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
  }

  #connectionIs(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      this.#state = 'connected';
      this.#own.settled();
      this.#events.onConnected(this);
    }
    if (state === 'failed') {
      this.#state = 'failed';
      this.#events.onFailed(this);
    }
  }

  /**
   * A picture is shown once it comes: whoever has no camera has a track too, and a <video> element waits for the first frame of
   * it without playing the sound.
   */
  #takeTrack(track: MediaStreamTrack): void {
    const show = () => {
      track.onunmute = null;
      this.#remote.addTrack(track);
      this.#events.onRemoteStream(this);
    };
    if (track.kind === 'video' && track.muted) track.onunmute = show;
    else show();
  }
}
