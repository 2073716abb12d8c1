/**
 * RTCP (RFC 3550, 4585, 5104): walks compound packets and builds the few that this server sends.
 * Invariant: nothing here throws or reads past the packet, whatever the bytes are.
 */

export const RTCP = { senderReport: 200, receiverReport: 201, transportFeedback: 205, payloadFeedback: 206 } as const;
export const TRANSPORT_FEEDBACK = { nack: 1, transportCc: 15 } as const;
export const PAYLOAD_FEEDBACK = { pli: 1, fir: 4, application: 15 } as const;

export const REPORT_BLOCK_BYTES = 24;
/** A sender report without report blocks. */
const SENDER_REPORT_BYTES = 28;

/** Calls `visit` with the type, the count or format, and the bytes of every whole part of a compound packet. */
export function forEachRtcp(packet: Buffer, visit: (type: number, count: number, part: Buffer) => void): void {
  let at = 0;
  while (at + 8 <= packet.length) {
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (packet.readUInt8(at) >> 6 !== 2 || end > packet.length) return;
    if (end - at >= 8) visit(packet.readUInt8(at + 1), packet.readUInt8(at) & 0x1f, packet.subarray(at, end));
    at = end;
  }
}

/** Offsets of a report's blocks that are wholly there. */
export function reportBlocks(part: Buffer, type: number, count: number): number[] {
  const first = type === RTCP.senderReport ? SENDER_REPORT_BYTES : 8;
  const whole = Math.min(count, Math.floor((part.length - first) / REPORT_BLOCK_BYTES));
  return Array.from({ length: Math.max(0, whole) }, (_, index) => first + index * REPORT_BLOCK_BYTES);
}

function header(type: number, count: number, bytes: number): Buffer {
  const packet = Buffer.alloc(bytes);
  packet.writeUInt8(0x80 | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(bytes / 4 - 1, 2);
  return packet;
}

/** Picture loss indication (RFC 4585, 6.3.1): asks the sender of `mediaSsrc` for a key frame. */
export function pictureLoss(senderSsrc: number, mediaSsrc: number): Buffer {
  const packet = header(RTCP.payloadFeedback, PAYLOAD_FEEDBACK.pli, 12);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/** A sender report alone, its blocks left out: `shift` is added to its RTP timestamp. */
export function senderReport(part: Buffer, ssrc: number, shift: number): Buffer | null {
  if (part.length < SENDER_REPORT_BYTES) return null;
  const packet = header(RTCP.senderReport, 0, SENDER_REPORT_BYTES);
  part.copy(packet, 4, 4, SENDER_REPORT_BYTES);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE((part.readUInt32BE(16) + shift) >>> 0, 16);
  return packet;
}

/** A receiver report of one block, its SSRC replaced and `shift` taken off its highest sequence number. */
export function receiverReport(senderSsrc: number, block: Buffer, mediaSsrc: number, shift: number): Buffer {
  const packet = header(RTCP.receiverReport, 1, 8 + REPORT_BLOCK_BYTES);
  packet.writeUInt32BE(senderSsrc, 4);
  block.copy(packet, 8, 0, REPORT_BLOCK_BYTES);
  packet.writeUInt32BE(mediaSsrc, 8);
  packet.writeUInt16BE((packet.readUInt16BE(18) - shift) & 0xffff, 18);
  return packet;
}

/** Any feedback packet with both its SSRCs replaced. */
export function withSsrcs(part: Buffer, senderSsrc: number, mediaSsrc: number): Buffer {
  const packet = Buffer.from(part);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/** A generic NACK (RFC 4585, 6.2.1) with its SSRCs replaced and `shift` taken off the packet ids. */
export function nack(part: Buffer, senderSsrc: number, mediaSsrc: number, shift: number): Buffer {
  const packet = withSsrcs(part, senderSsrc, mediaSsrc);
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    packet.writeUInt16BE((packet.readUInt16BE(at) - shift) & 0xffff, at);
  }
  return packet;
}

const REMB = 0x52454d42;
const MAX_REMB_SSRCS = 8;

/** The SSRCs of a receiver-estimated bitrate (draft-alvestrand-rmcat-remb), or none where it is something else. */
export function rembSsrcs(part: Buffer): number[] {
  if (part.length < 20 || part.readUInt32BE(12) !== REMB) return [];
  const count = Math.min(part.readUInt8(16), MAX_REMB_SSRCS, (part.length - 20) >> 2);
  return Array.from({ length: count }, (_, index) => part.readUInt32BE(20 + index * 4));
}

/** The same estimate about other SSRCs. */
export function remb(part: Buffer, senderSsrc: number, ssrcs: readonly number[]): Buffer {
  const packet = header(RTCP.payloadFeedback, PAYLOAD_FEEDBACK.application, 20 + ssrcs.length * 4);
  packet.writeUInt32BE(senderSsrc, 4);
  part.copy(packet, 12, 12, 20);
  packet.writeUInt8(ssrcs.length, 16);
  ssrcs.forEach((ssrc, index) => packet.writeUInt32BE(ssrc, 20 + index * 4));
  return packet;
}
