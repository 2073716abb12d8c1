/**
 * One user's end of the media of a call, over however many connections, and the connections themselves: our SDK takes them for
 * browser's, and below is a synthetic peer that sends numbered packets. The camera never stops: what it shows while there is no
 * connection counts as sent, and so as lost.
 */
import { MediaAccount, RtpPeer } from '@switchboard/testkit';

const RATES = { videoPps: 25, audioPps: 25 };
const VIDEO_BYTES = 300;

export class MediaEnd {
  readonly account = new MediaAccount();
  #sending: Connection | undefined;
  #stoppedAt: number | undefined;

  open(): Connection {
    return new Connection(this);
  }

  connected(connection: Connection): void {
    if (connection === this.#sending) return;
    if (this.#sending) this.closed(this.#sending);
    this.#sending = connection;
    this.#missed();
    connection.peer.startSending(RATES);
  }

  closed(connection: Connection): void {
    if (connection !== this.#sending) return;
    connection.peer.stopSending();
    this.#sending = undefined;
    this.#stoppedAt = performance.now();
  }

  #missed(): void {
    const ms = this.#stoppedAt === undefined ? 0 : performance.now() - this.#stoppedAt;
    this.account.sent.audio += Math.round((RATES.audioPps * ms) / 1000);
    this.account.sent.video += Math.round((RATES.videoPps * ms) / 1000);
  }
}

/** As much of an RTCPeerConnection as our SDK uses, with our names of what it does not need left out. */
export class Connection {
  onicecandidate: ((event: { candidate: object | null }) => void) | null = null;
  ontrack: ((event: unknown) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  connectionState = 'new';
  readonly peer: RtpPeer;
  readonly #end: MediaEnd;

  constructor(end: MediaEnd) {
    this.#end = end;
    this.peer = new RtpPeer({ account: end.account, nack: true, videoBytes: VIDEO_BYTES });
    this.peer.onCandidate((candidate) => this.onicecandidate?.({ candidate }));
    this.peer.onState((state) => {
      this.connectionState = state;
      if (state === 'connected') this.#end.connected(this);
      this.onconnectionstatechange?.();
    });
  }

  addTransceiver(): { sender: { replaceTrack: () => Promise<void> } } {
    return { sender: { replaceTrack: () => Promise.resolve() } };
  }

  async createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    return { type: 'offer', sdp: await this.peer.createOffer() };
  }

  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }

  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.peer.setAnswer(sdp);
    return Promise.resolve();
  }

  addIceCandidate(candidate: { candidate: string }): Promise<void> {
    this.peer.addCandidate(candidate);
    return Promise.resolve();
  }

  close(): void {
    this.#end.closed(this);
    this.peer.close();
  }
}

/** What the SDK holds for a stream or a track. */
export class Stream {
  readonly #tracks = new Set<Track>();

  constructor(...tracks: readonly Track[]) {
    for (const track of tracks) this.#tracks.add(track);
  }
  getTracks(): Track[] {
    return [...this.#tracks];
  }
  addTrack(track: Track): void {
    this.#tracks.add(track);
  }
  removeTrack(track: Track): void {
    this.#tracks.delete(track);
  }
}

export class Track {
  readonly kind: 'audio' | 'video';
  readonly muted = false;
  readyState = 'live';
  enabled = true;
  onended: (() => void) | null = null;

  constructor(kind: 'audio' | 'video') {
    this.kind = kind;
  }
  stop(): void {
    this.readyState = 'ended';
  }
}
