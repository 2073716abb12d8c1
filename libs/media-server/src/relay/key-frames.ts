/** Tells the packet that begins a key frame, by the payload alone. Never throws. */
import type { VideoCodec } from '../sdp/codecs.ts';
import type { RtpView } from './rtp.ts';

export type BeginsKeyFrame = (packet: Buffer, view: RtpView) => boolean;

export const beginsKeyFrame: Readonly<Record<VideoCodec, BeginsKeyFrame>> = { VP8: vp8, H264: h264 };

/** RFC 7741, 4.2 and 4.3: start of partition 0, whose first bit is clear in a key frame. */
function vp8(packet: Buffer, view: RtpView): boolean {
  let at = view.payloadStart;
  if (at >= view.payloadEnd) return false;
  const first = packet[at] ?? 0;
  if ((first & 0x10) === 0 || (first & 0x07) !== 0) return false;
  at += 1;
  if ((first & 0x80) !== 0) {
    const extended = packet[at] ?? 0;
    at += 1;
    if ((extended & 0x80) !== 0) at += ((packet[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extended & 0x40) !== 0) at += 1;
    if ((extended & 0x30) !== 0) at += 1;
  }
  return at < view.payloadEnd && ((packet[at] ?? 1) & 0x01) === 0;
}

const IDR = 5;
const SPS = 7;
const STAP_A = 24;
const FU_A = 28;

/** RFC 6184: an IDR slice or the parameter sets before it, alone, aggregated (STAP-A) or the first fragment (FU-A). */
function h264(packet: Buffer, view: RtpView): boolean {
  const start = view.payloadStart;
  if (start + 1 >= view.payloadEnd) return false;
  const type = (packet[start] ?? 0) & 0x1f;
  if (type === FU_A) {
    const head = packet[start + 1] ?? 0;
    return (head & 0x80) !== 0 && (head & 0x1f) === IDR;
  }
  if (type !== STAP_A) return type === IDR || type === SPS;
  for (let at = start + 1; at + 2 < view.payloadEnd; at += 2 + packet.readUInt16BE(at)) {
    const inner = (packet[at + 2] ?? 0) & 0x1f;
    if (inner === IDR || inner === SPS) return true;
  }
  return false;
}
