/**
 * One connection of this device to the media server. Own candidates are held until the offer was sent, the server's until
 * its answer is set; both then go on in their order.
 */
import type { Candidate, MAX_HELD_CANDIDATES, MediaKind } from '@switchboard/protocol';
import type { Deps } from './deps.ts';

const MAX_HELD: typeof MAX_HELD_CANDIDATES = 64;

export interface LegEvents {
  onCandidate(candidate: Candidate): void;
  onRemoteStream(stream: MediaStream): void;
  onFailed(): void;
}

export class Leg {
  readonly #peer: RTCPeerConnection;
  readonly #remote: MediaStream;
  readonly #events: LegEvents;
  #own: Candidate[] | 'sent' = [];
  #theirs: Candidate[] | 'taken' = [];

  constructor(deps: Pick<Deps, 'openPeer' | 'newStream'>, iceServers: RTCIceServer[], events: LegEvents) {
    // Not `max-bundle`: under it Firefox offers the picture with port 0 and `bundle-only`, which Kurento takes for refused.
    this.#peer = deps.openPeer({ iceServers });
    this.#remote = deps.newStream();
    this.#events = events;
    this.#peer.onicecandidate = ({ candidate }) => this.#ownCandidate(candidate);
    this.#peer.ontrack = ({ track }) => this.#takeTrack(track);
    this.#peer.onconnectionstatechange = () => {
      if (this.#peer.connectionState === 'failed') events.onFailed();
    };
  }

  /** A kind without a track is offered too: whoever has no camera still sees the other. */
  async offer(stream: MediaStream, media: MediaKind): Promise<string> {
    const kinds = media === 'video' ? (['audio', 'video'] as const) : (['audio'] as const);
    for (const kind of kinds) {
      const track = stream.getTracks().find((one) => one.kind === kind);
      this.#peer.addTransceiver(track ?? kind, { direction: 'sendrecv', streams: [stream] });
    }
    const offer = await this.#peer.createOffer();
    await this.#peer.setLocalDescription(offer);
    return offer.sdp ?? '';
  }

  /** The offer is on its way: candidates may follow. */
  offerSent(): void {
    const held = this.#own;
    this.#own = 'sent';
    if (held !== 'sent') held.forEach((candidate) => this.#events.onCandidate(candidate));
  }

  async answer(sdp: string): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    const held = this.#theirs;
    this.#theirs = 'taken';
    if (held !== 'taken') held.forEach((candidate) => this.#take(candidate));
  }

  addCandidate(candidate: Candidate): void {
    if (this.#theirs === 'taken') this.#take(candidate);
    else if (this.#theirs.length < MAX_HELD) this.#theirs.push(candidate);
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  close(): void {
    this.#peer.onicecandidate = null;
    this.#peer.ontrack = null;
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
  }

  /**
   * A picture is shown once it comes: whoever has no camera has a track too, and a <video> element waits for the first frame of
   * it without playing the sound.
   */
  #takeTrack(track: MediaStreamTrack): void {
    const show = () => {
      track.onunmute = null;
      this.#remote.addTrack(track);
      this.#events.onRemoteStream(this.#remote);
    };
    if (track.kind === 'video' && track.muted) track.onunmute = show;
    else show();
  }

  #ownCandidate(found: RTCIceCandidate | null): void {
    if (!found?.candidate) return;
    const candidate = {
      candidate: found.candidate,
      sdpMid: found.sdpMid ?? '0',
      sdpMLineIndex: found.sdpMLineIndex ?? 0,
    };
    if (this.#own === 'sent') this.#events.onCandidate(candidate);
    else this.#own.push(candidate);
  }

  /** The browser keeps the order. A candidate that it refuses is one way less, not the end of the call. */
  #take(candidate: Candidate): void {
    this.#peer.addIceCandidate(candidate).catch(() => undefined);
  }
}
