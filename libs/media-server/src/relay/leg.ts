/**
 * One peer's media as the relay sees it: which of its packets are what, and where they go. Invariant: a packet
 * passes only along an open Pipe; without one the leg swallows everything, so no media flows before `connect`.
 */
import type { MediaKind } from '../sdp/codecs.ts';
import { receives, sends, type MediaPlan, type Plan } from '../sdp/plan.ts';
import { handleRtcp } from './feedback.ts';
import { FrameCache } from './frame-cache.ts';
import { beginsKeyFrame } from './key-frames.ts';
import { OutStream } from './out-stream.ts';
import type { InStream, LegPort, OutMedia, PipePort } from './ports.ts';
import { pictureLoss } from './rtcp.ts';
import { isRtcp, newRtpView, readRtp, type RtpView } from './rtp.ts';

/** Key-frame requests closer together than this (ms) are one: a second one only delays the frame that counts. */
const KEY_FRAME_INTERVAL_MS = 100;

/** libdatachannel and peers may repeat a control packet; the same bytes within this time (ms) are handled once. */
const RTCP_REPEAT_MS = 5;

/** What a leg needs of its endpoint. */
export interface LegPorts {
  /** Sends to the peer; false where the transport is not there. The bytes are copied before it returns. */
  readonly send: (packet: Buffer) => boolean;
  readonly now: () => number;
  /** The peer sent a packet of this kind. */
  readonly onMediaOut: (kind: MediaKind) => void;
  /** A packet of this kind was sent to the peer. */
  readonly onMediaIn: (kind: MediaKind) => void;
}

const view: RtpView = newRtpView();

export class Leg implements LegPort {
  readonly plan: Plan;
  readonly #ports: LegPorts;
  readonly #bySsrc = new Map<number, InStream>();
  readonly #byPayloadType: (InStream | undefined)[] = [];
  readonly #cache: FrameCache | null;
  readonly streams: InStream[] = [];
  readonly outputs: Readonly<Record<MediaKind, Set<PipePort>>> = { audio: new Set(), video: new Set() };
  readonly inputs: Record<MediaKind, PipePort | null> = { audio: null, video: null };
  readonly outMedia: Readonly<Record<MediaKind, OutMedia | null>>;
  #keyFrameAskedAt = -Infinity;
  #lastRtcp: Buffer | null = null;
  #lastRtcpAt = 0;

  constructor(plan: Plan, ports: LegPorts) {
    this.plan = plan;
    this.#ports = ports;
    for (const media of [plan.media.audio, plan.media.video]) if (media) this.#listen(media);
    this.outMedia = { audio: outMedia(plan.media.audio), video: outMedia(plan.media.video) };
    const codec = plan.media.video?.codec.name;
    this.#cache = codec === 'VP8' || codec === 'H264' ? new FrameCache(beginsKeyFrame[codec]) : null;
  }

  now(): number {
    return this.#ports.now();
  }

  /** Every packet of the peer comes in here, RTP and RTCP. */
  receive(packet: Buffer): void {
    if (isRtcp(packet)) this.#receiveRtcp(packet);
    else if (readRtp(packet, view)) this.#receiveRtp(packet);
  }

  send(packet: Buffer, kind: MediaKind): void {
    if (this.#ports.send(packet)) this.#ports.onMediaIn(kind);
  }

  sendRtcp(packet: Buffer): void {
    this.#ports.send(packet);
  }

  stream(kind: MediaKind, rtx: boolean): InStream | undefined {
    return this.streams.find((stream) => stream.kind === kind && stream.rtx === rtx);
  }

  streamBySsrc(ssrc: number): InStream | undefined {
    return this.#bySsrc.get(ssrc);
  }

  cachedFrames(): readonly Buffer[] {
    return this.#cache?.packets ?? [];
  }

  /** Asks the peer for a key frame, if it has sent any video yet: what it sends first is one anyway. */
  requestKeyFrame(): void {
    const ssrc = this.stream('video', false);
    const now = this.now();
    if (!ssrc?.ssrc || ssrc.packets === 0 || now - this.#keyFrameAskedAt < KEY_FRAME_INTERVAL_MS) return;
    this.#keyFrameAskedAt = now;
    this.sendRtcp(pictureLoss(this.plan.media.video?.localSsrc ?? 0, ssrc.ssrc));
  }

  /** The outgoing stream that a peer's report is about. */
  outBySsrc(ssrc: number): { kind: MediaKind; rtx: boolean } | null {
    for (const media of [this.outMedia.video, this.outMedia.audio]) {
      if (media?.main.ssrc === ssrc) return { kind: media.kind, rtx: false };
      if (media?.rtx?.ssrc === ssrc) return { kind: media.kind, rtx: true };
    }
    return null;
  }

  #receiveRtp(packet: Buffer): void {
    const stream = this.#bySsrc.get(view.ssrc) ?? this.#learn(view);
    if (!stream || stream.payloadType !== view.payloadType) return;
    stream.packets += 1;
    stream.bytes += packet.length;
    this.#ports.onMediaOut(stream.kind);
    const pipes = this.outputs[stream.kind];
    if (stream.kind === 'video' && !stream.rtx && this.#cache?.push(packet, view) === 'overflow') {
      if (pipes.size === 0) this.requestKeyFrame();
    }
    for (const pipe of pipes) pipe.relay(packet, view, stream.rtx);
  }

  #receiveRtcp(packet: Buffer): void {
    const now = this.now();
    if (now - this.#lastRtcpAt < RTCP_REPEAT_MS && this.#lastRtcp?.equals(packet)) return;
    this.#lastRtcp = packet;
    this.#lastRtcpAt = now;
    handleRtcp(this, packet);
  }

  #listen(media: MediaPlan): void {
    if (!receives(media.direction)) return;
    this.#addStream(media.kind, false, media.codec.payloadType, media.remoteSsrc);
    if (media.codec.rtxPayloadType !== null) {
      this.#addStream(media.kind, true, media.codec.rtxPayloadType, media.remoteRtxSsrc);
    }
  }

  #addStream(kind: MediaKind, rtx: boolean, payloadType: number, ssrc: number | null): void {
    const stream: InStream = { kind, rtx, payloadType, ssrc, packets: 0, bytes: 0 };
    this.streams.push(stream);
    this.#byPayloadType[payloadType] = stream;
    if (ssrc !== null) this.#bySsrc.set(ssrc, stream);
  }

  /** An SSRC that the description did not tell: the payload type says which stream it is, one SSRC at a time. */
  #learn(from: RtpView): InStream | undefined {
    const stream = this.#byPayloadType[from.payloadType];
    if (!stream) return undefined;
    if (stream.ssrc !== null) this.#bySsrc.delete(stream.ssrc);
    stream.ssrc = from.ssrc;
    this.#bySsrc.set(from.ssrc, stream);
    return stream;
  }
}

function outMedia(media: MediaPlan | null): OutMedia | null {
  if (!media || !sends(media.direction)) return null;
  const { payloadType, rtxPayloadType, clockRate } = media.codec;
  const rtx =
    rtxPayloadType === null || media.localRtxSsrc === null
      ? null
      : new OutStream(media.localRtxSsrc, rtxPayloadType, clockRate);
  return { kind: media.kind, main: new OutStream(media.localSsrc, payloadType, clockRate), rtx };
}
