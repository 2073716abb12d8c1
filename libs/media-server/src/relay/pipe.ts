/**
 * One kind of media from one leg to another: the table that turns the source's packets into the sink's, and back
 * for feedback. Made when two elements are connected; the tables are computed once, the path of a packet only
 * copies and patches it.
 *
 * States: waiting (a side is not there yet) → live (packets pass) → closed.
 */
import type { MediaKind } from '../sdp/codecs.ts';
import { MID_EXTENSION, type MediaPlan } from '../sdp/plan.ts';
import type { OutStream } from './out-stream.ts';
import type { LegPort, OutMedia, PipePort } from './ports.ts';
import { MAX_RTP_BYTES, newRtpView, readRtp, rewriteExtensions, type ExtensionMap, type RtpView } from './rtp.ts';

/** Frames replayed at once are set this far apart (1 ms of a 90 kHz clock), so that the receiver catches up at once. */
const REPLAY_STEP = 90;

const scratch = Buffer.allocUnsafe(MAX_RTP_BYTES);
const replayView = newRtpView();

export class Pipe implements PipePort {
  readonly kind: MediaKind;
  readonly source: LegPort;
  readonly sink: LegPort;
  readonly #out: OutMedia;
  readonly #extensions: ExtensionMap;
  #live = false;
  #started = false;
  #sequenceShift = 0;
  #timestampShift = 0;
  #rtxStarted = false;
  #rtxSequenceShift = 0;

  constructor(source: LegPort, sink: LegPort, out: OutMedia) {
    this.kind = out.kind;
    this.source = source;
    this.sink = sink;
    this.#out = out;
    this.#extensions = extensionMap(source.plan.media[out.kind], sink.plan.media[out.kind]);
  }

  get live(): boolean {
    return this.#live;
  }

  get sinkSsrc(): number {
    return this.#out.main.ssrc;
  }

  get sequenceShift(): number {
    return this.#sequenceShift;
  }

  get timestampShift(): number {
    return this.#timestampShift;
  }

  get rtxSequenceShift(): number {
    return this.#rtxSequenceShift;
  }

  /** The sink can take packets: replay what shows the picture, and ask the source for a new key frame once. */
  open(): void {
    if (this.#live) return;
    this.#live = true;
    if (this.kind !== 'video') return;
    this.#replay(this.source.cachedFrames());
    this.source.requestKeyFrame();
  }

  close(): void {
    this.#live = false;
  }

  relay(packet: Buffer, view: RtpView, rtx: boolean): void {
    if (!this.#live) return;
    if (rtx) this.#relayRtx(packet, view);
    else this.#relayMain(packet, view, view.timestamp);
  }

  #relayMain(packet: Buffer, view: RtpView, timestamp: number): void {
    const { main } = this.#out;
    if (!this.#started) {
      this.#started = true;
      this.#sequenceShift = main.sequenceShift(view.sequence);
      this.#timestampShift = main.timestampShift(timestamp, this.sink.now());
    }
    const sequence = (view.sequence + this.#sequenceShift) & 0xffff;
    this.#send(packet, view, { stream: main, sequence, timestamp: (timestamp + this.#timestampShift) >>> 0 });
  }

  /** A retransmission carries the original sequence number in its first two bytes (RFC 4588, 4). */
  #relayRtx(packet: Buffer, view: RtpView): void {
    const { rtx } = this.#out;
    if (!rtx || !this.#started) return;
    if (!this.#rtxStarted) {
      this.#rtxStarted = true;
      this.#rtxSequenceShift = rtx.sequenceShift(view.sequence);
    }
    const sequence = (view.sequence + this.#rtxSequenceShift) & 0xffff;
    const timestamp = (view.timestamp + this.#timestampShift) >>> 0;
    this.#send(packet, view, { stream: rtx, sequence, timestamp });
  }

  #send(packet: Buffer, view: RtpView, to: { stream: OutStream; sequence: number; timestamp: number }): void {
    const { stream, sequence, timestamp } = to;
    packet.copy(scratch, 0);
    scratch[1] = ((scratch[1] ?? 0) & 0x80) | stream.payloadType;
    scratch.writeUInt16BE(sequence, 2);
    scratch.writeUInt32BE(timestamp, 4);
    scratch.writeUInt32BE(stream.ssrc, 8);
    rewriteExtensions(scratch, view, this.#extensions);
    if (stream === this.#out.rtx && view.payloadEnd - view.payloadStart >= 2) {
      const original = scratch.readUInt16BE(view.payloadStart);
      scratch.writeUInt16BE((original + this.#sequenceShift) & 0xffff, view.payloadStart);
    }
    this.sink.send(scratch.subarray(0, packet.length), this.kind);
    stream.sent(sequence, timestamp, packet.length, this.sink.now());
  }

  /** Sends the frames since the last key frame with their timestamps drawn together in front of the newest one. */
  #replay(packets: readonly Buffer[]): void {
    const timestamps = [...new Set(packets.map((packet) => packet.readUInt32BE(4)))];
    const newest = timestamps.at(-1) ?? 0;
    const place = new Map(timestamps.map((timestamp, index) => [timestamp, timestamps.length - 1 - index]));
    for (const packet of packets) {
      if (!readRtp(packet, replayView)) continue;
      const back = (place.get(replayView.timestamp) ?? 0) * REPLAY_STEP;
      this.#relayMain(packet, replayView, (newest - back) >>> 0);
    }
  }
}

function extensionMap(source: MediaPlan | null, sink: MediaPlan | null): ExtensionMap {
  const ids = new Uint8Array(256);
  for (const [uri, id] of source?.extensions ?? []) ids[id] = sink?.extensions.get(uri) ?? 0;
  return { ids, midId: source?.extensions.get(MID_EXTENSION) ?? 0, mid: Buffer.from(sink?.mid ?? '') };
}
