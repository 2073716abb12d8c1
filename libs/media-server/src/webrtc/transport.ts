/**
 * The one place that touches node-datachannel: ICE, DTLS and SRTP to one peer, media as raw packets.
 * States: new → negotiated (accept, or offer and then complete) → closed. After `close` no handler is called.
 */
import { randomBytes } from 'node:crypto';
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

/** libjuice gives up 30 s after the description came, whether or not it ever had a candidate to try. */
const PATIENCE_MS = 28_000;

/** What an answering side must say again when it begins anew. */
interface Answering {
  readonly remote: RemoteTransport;
  readonly credentials: { readonly iceUfrag: string; readonly icePwd: string };
  readonly candidates: string[];
}

interface Connection {
  readonly peer: PeerConnection;
  readonly track: Track;
}

export class Transport {
  readonly #name: string;
  readonly #config: RtcConfig;
  readonly #handlers: TransportHandlers;
  #connection: Connection;
  #answering: Answering | null = null;
  /** When the peer told its last candidate (ms of the process); null before the first. */
  #lastCandidateAt: number | null = null;
  #met = false;
  #open = false;
  #closed = false;

  constructor(name: string, config: RtcConfig, handlers: TransportHandlers) {
    this.#name = name;
    this.#config = config;
    this.#handlers = handlers;
    this.#connection = this.#connect();
    this.#connection.peer.onGatheringStateChange((state) => {
      if (state === 'complete' && !this.#closed) handlers.onGathered();
    });
  }

  /** Takes the peer's offer; the result belongs into the answer. Gathering starts here. */
  accept(remote: RemoteTransport): LocalTransport {
    const credentials = { iceUfrag: randomBytes(4).toString('hex'), icePwd: randomBytes(16).toString('hex') };
    this.#answering = { remote, credentials, candidates: [] };
    this.#answer(this.#answering);
    for (const candidate of remote.candidates) this.addCandidate(candidate);
    return this.#local();
  }

  /** Begins as the offering side. */
  offer(): LocalTransport {
    this.#connection.peer.setLocalDescription('offer');
    return this.#local();
  }

  /** Takes the peer's answer to `offer`. */
  complete(remote: RemoteTransport): void {
    this.#connection.peer.setRemoteDescription(bridgeSdp(remote), 'answer');
    for (const candidate of remote.candidates) this.addCandidate(candidate);
  }

  /**
   * False where it is of no use. Host names (mDNS) are left out: resolving them blocks libdatachannel's threads for
   * seconds, and the pair is found as peer-reflexive anyway.
   */
  addCandidate(candidate: string): boolean {
    this.#lastCandidateAt = performance.now();
    if (isIP(candidate.split(' ')[4] ?? '') === 0) return false;
    this.#answering?.candidates.push(candidate);
    try {
      this.#connection.peer.addRemoteCandidate(candidate, BRIDGE_MID);
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
      return this.#connection.track.sendMessageBinary(packet);
    } catch {
      return false;
    }
  }

  selectedPair(): CandidatePair | null {
    const pair = this.#closed ? null : this.#connection.peer.getSelectedCandidatePair();
    return pair && { local: pair.local.candidate, remote: pair.remote.candidate };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    this.#connection.track.close();
    this.#connection.peer.close();
  }

  #local(): LocalTransport {
    const description = this.#connection.peer.localDescription();
    if (!description) throw new Error('libdatachannel gave no local description');
    return localTransport(description.sdp);
  }

  #answer({ remote, credentials }: Answering): void {
    this.#connection.peer.setRemoteDescription(bridgeSdp(remote), 'offer');
    this.#connection.peer.setLocalDescription('answer', credentials);
  }

  /**
   * ICE gave up. While the peer has not had its answer yet (a phone that rings long) that means nothing: a new connection
   * takes over under the same credentials and certificate, and only its candidates are new.
   */
  #gaveUp(): void {
    const answering = this.#answering;
    const recently = this.#lastCandidateAt === null || performance.now() - this.#lastCandidateAt < PATIENCE_MS;
    if (!answering || this.#met || !recently) return this.#handlers.onIceState('failed');
    const { peer, track } = this.#connection;
    this.#connection = this.#connect();
    track.close();
    peer.close();
    this.#answer(answering);
    for (const candidate of answering.candidates) this.#connection.peer.addRemoteCandidate(candidate, BRIDGE_MID);
  }

  #connect(): Connection {
    const peer = new PeerConnection(this.#name, this.#config);
    const media = new Video(BRIDGE_MID, 'SendRecv');
    media.addVP8Codec(BRIDGE_PAYLOAD_TYPE);
    const track = peer.addTrack(media);
    const handlers = this.#handlers;
    const alive =
      <T>(handle: (value: T) => void) =>
      (value: T) => {
        if (!this.#closed && this.#connection.peer === peer) handle(value);
      };
    peer.onLocalCandidate(alive((candidate) => handlers.onCandidate(candidate.replace(/^a=/, ''))));
    peer.onIceStateChange(alive((state) => this.#iceChanged(state)));
    peer.onStateChange(alive((state) => this.#setOpen(state === 'connected')));
    track.onMessage(alive((packet) => handlers.onPacket(packet)));
    return { peer, track };
  }

  #iceChanged(state: string): void {
    if (state === 'failed') return this.#gaveUp();
    if (state === 'connected' || state === 'completed') this.#met = true;
    if (isIceState(state)) this.#handlers.onIceState(state);
  }

  #setOpen(open: boolean): void {
    if (this.#open === open) return;
    this.#open = open;
    this.#handlers.onOpen(open);
  }
}
