/**
 * The one place that touches node-datachannel: ICE, DTLS and SRTP to one peer, media as raw packets.
 * States: new → negotiated (accept, or offer and then complete) → closed. After `close` no handler is called.
 */
import { isIP } from 'node:net';
import { PeerConnection, Video, type RtcConfig, type Track } from 'node-datachannel';
import type { RemoteTransport } from '../sdp/plan.ts';
import type { LocalTransport } from '../sdp/write.ts';
import { BRIDGE_MID, BRIDGE_PAYLOAD_TYPE, bridgeSdp, localTransport } from './bridge-sdp.ts';

export type IceState = 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed';

export interface TransportHandlers {
  /** A local candidate, as `candidate:…`. */
  readonly onCandidate: (candidate: string) => void;
  readonly onGathered: () => void;
  readonly onIceState: (state: IceState) => void;
  /** DTLS is up and media can be sent, or no longer. */
  readonly onOpen: (open: boolean) => void;
  readonly onPacket: (packet: Buffer) => void;
}

export interface CandidatePair {
  readonly local: string;
  readonly remote: string;
}

const ICE_STATES: readonly string[] = ['checking', 'connected', 'completed', 'disconnected', 'failed'];
const isIceState = (state: string): state is IceState => ICE_STATES.includes(state);

export class Transport {
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #handlers: TransportHandlers;
  #open = false;
  #closed = false;

  constructor(name: string, config: RtcConfig, handlers: TransportHandlers) {
    this.#handlers = handlers;
    this.#peer = new PeerConnection(name, config);
    const media = new Video(BRIDGE_MID, 'SendRecv');
    media.addVP8Codec(BRIDGE_PAYLOAD_TYPE);
    this.#track = this.#peer.addTrack(media);
    this.#listen();
  }

  /** Takes the peer's offer; the result belongs into the answer. Gathering starts here. */
  accept(remote: RemoteTransport): LocalTransport {
    this.#peer.setRemoteDescription(bridgeSdp(remote), 'offer');
    this.#peer.setLocalDescription('answer');
    for (const candidate of remote.candidates) this.addCandidate(candidate);
    return this.#local();
  }

  /** Begins as the offering side. */
  offer(): LocalTransport {
    this.#peer.setLocalDescription('offer');
    return this.#local();
  }

  /** Takes the peer's answer to `offer`. */
  complete(remote: RemoteTransport): void {
    this.#peer.setRemoteDescription(bridgeSdp(remote), 'answer');
    for (const candidate of remote.candidates) this.addCandidate(candidate);
  }

  /**
   * False where it is of no use. Host names (mDNS) are left out: resolving them blocks libdatachannel's threads for
   * seconds, and the pair is found as peer-reflexive anyway.
   */
  addCandidate(candidate: string): boolean {
    if (isIP(candidate.split(' ')[4] ?? '') === 0) return false;
    try {
      this.#peer.addRemoteCandidate(candidate, BRIDGE_MID);
      return true;
    } catch {
      return false;
    }
  }

  get open(): boolean {
    return this.#open;
  }

  /** Sends RTP or RTCP; the bytes are copied before it returns. */
  send(packet: Buffer): boolean {
    if (!this.#open) return false;
    try {
      return this.#track.sendMessageBinary(packet);
    } catch {
      return false;
    }
  }

  selectedPair(): CandidatePair | null {
    const pair = this.#closed ? null : this.#peer.getSelectedCandidatePair();
    return pair && { local: pair.local.candidate, remote: pair.remote.candidate };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    this.#track.close();
    this.#peer.close();
  }

  #local(): LocalTransport {
    const description = this.#peer.localDescription();
    if (!description) throw new Error('libdatachannel gave no local description');
    return localTransport(description.sdp);
  }

  #listen(): void {
    const alive =
      <T>(handle: (value: T) => void) =>
      (value: T) => {
        if (!this.#closed) handle(value);
      };
    const handlers = this.#handlers;
    this.#peer.onLocalCandidate(alive((candidate) => handlers.onCandidate(candidate.replace(/^a=/, ''))));
    this.#peer.onGatheringStateChange(alive((state) => void (state === 'complete' && handlers.onGathered())));
    this.#peer.onIceStateChange(alive((state) => void (isIceState(state) && handlers.onIceState(state))));
    this.#peer.onStateChange(alive((state) => this.#setOpen(state === 'connected')));
    this.#track.onMessage(alive((packet) => handlers.onPacket(packet)));
  }

  #setOpen(open: boolean): void {
    if (this.#open === open) return;
    this.#open = open;
    this.#handlers.onOpen(open);
  }
}
