/**
 * A synthetic peer: a real WebRTC end (node-datachannel) that sends numbered RTP packets instead of pictures and
 * counts what arrives by those numbers, so that sent = received + lost can be checked from end to end. Cheap enough
 * for a hundred calls: one timer a peer, no coding of media.
 *
 * Like the media server it shows libdatachannel one section only and writes the offer that the other side sees.
 */
import { randomInt } from 'node:crypto';
import { PeerConnection, Video, type Track } from 'node-datachannel';
import { PacketLedger, type LedgerStats } from './packet-ledger.ts';
import {
  announcedStreams,
  bridgeAnswer,
  BRIDGE_MID,
  DEFAULT_SECTIONS,
  writePeerOffer,
  type AnnouncedStream,
  type PeerKind,
  type PeerSections,
} from './peer-sdp.ts';

export type { PeerKind } from './peer-sdp.ts';

/** What one end sent and received. Peers that follow each other in a call may count into one: the numbers of its packets go on. */
export class MediaAccount {
  readonly sent: Record<PeerKind, number> = { audio: 0, video: 0 };
  readonly received: Readonly<Record<PeerKind, PacketLedger>> = {
    audio: new PacketLedger(),
    video: new PacketLedger(),
  };
}

export interface RtpPeerOptions extends Partial<PeerSections> {
  readonly name?: string;
  /** Undefined: one of its own. */
  readonly account?: MediaAccount;
  /** Bytes of an RTP payload; 1000 bytes at 125 packets a second are 1 Mbit/s. */
  readonly videoBytes?: number;
  readonly audioBytes?: number;
  /** Ask for what is missing with NACK. */
  readonly nack?: boolean;
  readonly bindAddress?: string;
}

export interface PeerCandidate {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

export interface PeerKindStats extends LedgerStats {
  /** Packets sent, those that `dropNext` held back included. */
  readonly sent: number;
  /** RTP of this kind under an SSRC or payload type that no description announced. */
  readonly unexpected: number;
}

export interface PeerStats {
  readonly audio: PeerKindStats;
  readonly video: PeerKindStats;
  /** Key frames that the other side asked for. */
  readonly keyFrameRequests: number;
  readonly nacksReceived: number;
  readonly nacksSent: number;
  readonly reportsReceived: number;
  /** Whether the first video packet that arrived began a key frame; null before it. */
  readonly beganWithKeyFrame: boolean | null;
}

const TICK_MS = 20;
const HISTORY_PACKETS = 512;
const CLOCKS: Readonly<Record<PeerKind, number>> = { audio: 48_000, video: 90_000 };

interface Outgoing {
  readonly ssrc: number;
  readonly rtxSsrc: number;
  readonly history: Map<number, Buffer>;
  sequence: number;
  rtxSequence: number;
  drop: number;
}

const newOutgoing = (): Outgoing => ({
  ssrc: randomInt(1, 0xffff_ffff),
  rtxSsrc: randomInt(1, 0xffff_ffff),
  history: new Map(),
  sequence: randomInt(0, 0xffff),
  rtxSequence: randomInt(0, 0xffff),
  drop: 0,
});

export class RtpPeer {
  readonly #options: RtpPeerOptions;
  readonly #sections: PeerSections;
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #out: Readonly<Record<PeerKind, Outgoing>> = { audio: newOutgoing(), video: newOutgoing() };
  readonly #account: MediaAccount;
  readonly #unexpected: Record<PeerKind, number> = { audio: 0, video: 0 };
  /** SSRCs that the other side announced, by kind; retransmissions apart. */
  readonly #announced = new Map<number, AnnouncedStream>();
  readonly #listeners: ((candidate: PeerCandidate) => void)[] = [];
  readonly #found: string[] = [];
  #answered = false;
  readonly #counts = { keyFrameRequests: 0, nacksReceived: 0, nacksSent: 0, reportsReceived: 0 };
  #beganWithKeyFrame: boolean | null = null;
  #keyFrameDue = true;
  #timer: NodeJS.Timeout | null = null;
  #connected = false;
  #onConnected: (() => void) | null = null;
  #onState: ((state: string) => void) | null = null;

  constructor(options: RtpPeerOptions = {}) {
    this.#options = options;
    this.#account = options.account ?? new MediaAccount();
    this.#sections = { ...DEFAULT_SECTIONS, ...options };
    const bind = options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress };
    this.#peer = new PeerConnection(options.name ?? 'peer', { iceServers: [], disableAutoNegotiation: true, ...bind });
    const media = new Video(BRIDGE_MID, 'SendRecv');
    media.addVP8Codec(96);
    this.#track = this.#peer.addTrack(media);
    this.#track.onMessage((packet) => this.#receive(packet));
    this.#peer.onLocalCandidate((candidate) => this.#candidate(candidate.replace(/^a=/, '')));
    this.#peer.onStateChange((state) => {
      this.#connected = state === 'connected';
      if (this.#connected) this.#onConnected?.();
      this.#onState?.(state);
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Each new state of the connection, in WebRTC's words: `connected`, `disconnected`, `failed`, … */
  onState(listener: (state: string) => void): void {
    this.#onState = listener;
  }

  async createOffer(): Promise<string> {
    this.#peer.setLocalDescription('offer');
    const description = this.#peer.localDescription();
    if (!description) throw new Error('no local description');
    return writePeerOffer(description.sdp, this.#sections, this.#out);
  }

  setAnswer(answer: string): void {
    for (const [ssrc, stream] of announcedStreams(answer)) this.#announced.set(ssrc, stream);
    this.#peer.setRemoteDescription(bridgeAnswer(answer), 'answer');
    this.#answered = true;
    for (const candidate of this.#found) this.#tell(candidate);
    for (const candidate of answer.matchAll(/^a=(candidate:.+?)\r?$/gm)) this.addCandidate(candidate[1] ?? '');
  }

  addCandidate(candidate: string | { readonly candidate: string }): void {
    const text = typeof candidate === 'string' ? candidate : candidate.candidate;
    if (text !== '') this.#peer.addRemoteCandidate(text, BRIDGE_MID);
  }

  /**
   * Own candidates, told once the answer is applied and not before: libdatachannel stores the answer, with the fingerprint
   * that DTLS is checked against, only after ICE was given it; a server that knows the candidates already is then often
   * faster (2 % of handshakes failed under load).
   */
  onCandidate(listener: (candidate: PeerCandidate) => void): void {
    this.#listeners.push(listener);
    if (this.#answered) for (const candidate of this.#found) listener(withSection(candidate));
  }

  async waitConnected(timeoutMs: number): Promise<void> {
    if (this.#connected) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not connected within ${timeoutMs} ms`)), timeoutMs);
      this.#onConnected = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Packets a second of each kind, from now on; what the timer misses it catches up. */
  startSending(rates: { readonly videoPps?: number; readonly audioPps?: number }): void {
    this.stopSending();
    const began = performance.now();
    const before = { audio: 0, video: 0 };
    const due = (pps: number | undefined) => ((pps ?? 0) * (performance.now() - began)) / 1000;
    this.#timer = setInterval(() => {
      for (; before.audio < due(rates.audioPps); before.audio += 1) this.#sendNext('audio');
      for (; before.video < due(rates.videoPps); before.video += 1) this.#sendNext('video');
    }, TICK_MS);
  }

  stopSending(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Loses the next packets on purpose: they count as sent and can be asked for again. */
  dropNext(kind: PeerKind, packets: number): void {
    this.#out[kind].drop += packets;
  }

  /** Asks the other side for a key frame, with PLI. */
  requestKeyFrame(): void {
    for (const [ssrc, { kind, rtx }] of this.#announced) if (kind === 'video' && !rtx) this.#feedback(206, 1, ssrc);
  }

  stats(): PeerStats {
    const kind = (name: PeerKind): PeerKindStats => ({
      ...this.#account.received[name].stats(),
      sent: this.#account.sent[name],
      unexpected: this.#unexpected[name],
    });
    return { audio: kind('audio'), video: kind('video'), ...this.#counts, beganWithKeyFrame: this.#beganWithKeyFrame };
  }

  close(): void {
    this.stopSending();
    this.#track.close();
    this.#peer.close();
  }

  #candidate(candidate: string): void {
    this.#found.push(candidate);
    if (this.#answered) this.#tell(candidate);
  }

  #tell(candidate: string): void {
    for (const listener of this.#listeners) listener(withSection(candidate));
  }

  #sendNext(kind: PeerKind): void {
    const out = this.#out[kind];
    const packet = this.#packet(kind, out);
    this.#account.sent[kind] += 1;
    out.sequence = (out.sequence + 1) & 0xffff;
    if (kind === 'video') this.#remember(out, packet);
    if (out.drop > 0) out.drop -= 1;
    else this.#send(packet);
  }

  /** One packet is one frame: VP8 descriptor and header byte, then the packet's number and when it was sent. */
  #packet(kind: PeerKind, out: Outgoing): Buffer {
    const ids = this.#sections.extensionIds;
    const index = this.#sections.kinds.indexOf(kind);
    const bytes = kind === 'audio' ? (this.#options.audioBytes ?? 80) : (this.#options.videoBytes ?? 1000);
    const packet = Buffer.alloc(20 + bytes);
    packet.set([0x90, kind === 'audio' ? this.#sections.payloadTypes.opus : this.#sections.payloadTypes.vp8 | 0x80]);
    packet.writeUInt16BE(out.sequence, 2);
    packet.writeUInt32BE(Math.floor((performance.now() * CLOCKS[kind]) / 1000) >>> 0, 4);
    packet.writeUInt32BE(out.ssrc, 8);
    packet.set([0xbe, 0xde, 0, 1, ids.mid << 4, 0x30 + index, 0, 0], 12);
    packet.set([0x10, kind === 'video' && this.#keyFrameDue ? 0 : 1], 20);
    if (kind === 'video') this.#keyFrameDue = false;
    packet.writeUInt32BE(this.#account.sent[kind], 22);
    packet.writeDoubleBE(wallClock(), 26);
    return packet;
  }

  #remember(out: Outgoing, packet: Buffer): void {
    out.history.set(packet.readUInt16BE(2), packet);
    if (out.history.size <= HISTORY_PACKETS) return;
    const oldest = out.history.keys().next();
    if (!oldest.done) out.history.delete(oldest.value);
  }

  #send(packet: Buffer): void {
    if (this.#connected && this.#track.isOpen()) this.#track.sendMessageBinary(packet);
  }

  #receive(packet: Buffer): void {
    if (packet.length < 8) return;
    const second = packet.readUInt8(1);
    if (second >= 192 && second <= 223) this.#receiveRtcp(packet);
    else if (packet.length >= 26) this.#receiveRtp(packet);
  }

  #receiveRtp(packet: Buffer): void {
    const payloadType = packet.readUInt8(1) & 0x7f;
    const { opus, vp8, rtx } = this.#sections.payloadTypes;
    const kind = payloadType === opus ? 'audio' : 'video';
    const announced = this.#announced.get(packet.readUInt32BE(8));
    const fits = announced?.kind === kind && payloadType === (announced.rtx ? rtx : kind === 'audio' ? opus : vp8);
    if (!fits) {
      this.#unexpected[kind] += 1;
      return;
    }
    const extended = (packet.readUInt8(0) & 0x10) !== 0;
    const payload = 12 + (extended ? 4 + packet.readUInt16BE(14) * 4 : 0) + (announced.rtx ? 2 : 0);
    if (payload + 14 > packet.length) return;
    const sequence = announced.rtx ? packet.readUInt16BE(payload - 2) : packet.readUInt16BE(2);
    if (kind === 'video') this.#beganWithKeyFrame ??= (packet.readUInt8(payload + 1) & 1) === 0;
    const missing = this.#account.received[kind].add({
      number: packet.readUInt32BE(payload + 2),
      retransmitted: announced.rtx,
      at: performance.now(),
      latencyMs: wallClock() - packet.readDoubleBE(payload + 6),
    });
    if (this.#options.nack && kind === 'video') this.#nack(packet.readUInt32BE(8), sequence, missing);
  }

  /** Asks for the `missing` packets right before `sequence`. */
  #nack(ssrc: number, sequence: number, missing: number): void {
    for (let back = Math.min(missing, 16); back > 0; back -= 1) {
      const id = Buffer.alloc(4);
      id.writeUInt16BE((sequence - back) & 0xffff, 0);
      this.#counts.nacksSent += 1;
      this.#feedback(205, 1, ssrc, id);
    }
  }

  #feedback(type: number, format: number, mediaSsrc: number, body: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(12);
    head.set([0x80 | format, type, 0, 2 + body.length / 4]);
    head.writeUInt32BE(this.#out.video.ssrc, 4);
    head.writeUInt32BE(mediaSsrc, 8);
    this.#send(Buffer.concat([head, body]));
  }

  #receiveRtcp(packet: Buffer): void {
    const type = packet.readUInt8(1);
    const format = packet.readUInt8(0) & 0x1f;
    if (type === 200 || type === 201) this.#counts.reportsReceived += 1;
    if (packet.length < 12 || packet.readUInt32BE(8) !== this.#out.video.ssrc) return;
    if (type === 206 && format === 1) {
      this.#counts.keyFrameRequests += 1;
      this.#keyFrameDue = true;
    }
    if (type === 205 && format === 1) this.#resend(packet);
  }

  #resend(nack: Buffer): void {
    this.#counts.nacksReceived += 1;
    for (let at = 12; at + 4 <= nack.length; at += 4) {
      const original = this.#out.video.history.get(nack.readUInt16BE(at));
      if (original) this.#send(this.#retransmission(original));
    }
  }

  /** RFC 4588: the original sequence number goes in front of the payload. */
  #retransmission(original: Buffer): Buffer {
    const out = this.#out.video;
    const packet = Buffer.concat([original.subarray(0, 20), original.subarray(2, 4), original.subarray(20)]);
    packet.writeUInt8(this.#sections.payloadTypes.rtx, 1);
    packet.writeUInt16BE(out.rtxSequence, 2);
    packet.writeUInt32BE(out.rtxSsrc, 8);
    out.rtxSequence = (out.rtxSequence + 1) & 0xffff;
    return packet;
  }
}

/** Milliseconds with fractions, the same in every process of the machine. */
const wallClock = () => performance.timeOrigin + performance.now();

const withSection = (candidate: string): PeerCandidate => ({ candidate, sdpMid: '0', sdpMLineIndex: 0 });
