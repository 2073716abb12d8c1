/**
 * RTP headers (RFC 3550, 5.1) read and rewritten in place, without allocating. Invariant: nothing here throws or
 * reads past `packet.length`, whatever the bytes are.
 */

export const MAX_RTP_BYTES = 2048;
const FIXED_HEADER_BYTES = 12;
const ONE_BYTE_PROFILE = 0xbede;

/** One packet's header; a single object is reused for every packet, so nobody may keep it. */
export interface RtpView {
  payloadType: number;
  sequence: number;
  /** In units of the codec's clock. */
  timestamp: number;
  ssrc: number;
  /** Offset of the first extension element, and its end; both 0 where there is no extension. */
  extensionStart: number;
  extensionEnd: number;
  /** 0xbede: one-byte elements (RFC 8285, 4.2); 0x100*: two-byte elements. */
  extensionProfile: number;
  payloadStart: number;
  /** End of the payload proper, without padding. */
  payloadEnd: number;
}

export const newRtpView = (): RtpView => ({
  payloadType: 0,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  extensionStart: 0,
  extensionEnd: 0,
  extensionProfile: 0,
  payloadStart: 0,
  payloadEnd: 0,
});

/** RTCP shares the port with RTP; its packet types 192–223 sit where RTP has marker and payload type (RFC 5761). */
export const isRtcp = (packet: Buffer): boolean =>
  packet.length >= 8 && (packet[1] ?? 0) >= 192 && (packet[1] ?? 0) <= 223;

/** Fills `view` from `packet`; false where it is no RTP packet, or one too long to relay. */
export function readRtp(packet: Buffer, view: RtpView): boolean {
  if (packet.length < FIXED_HEADER_BYTES || packet.length > MAX_RTP_BYTES) return false;
  const first = packet.readUInt8(0);
  if (first >> 6 !== 2) return false;
  view.payloadType = packet.readUInt8(1) & 0x7f;
  view.sequence = packet.readUInt16BE(2);
  view.timestamp = packet.readUInt32BE(4);
  view.ssrc = packet.readUInt32BE(8);
  view.payloadStart = FIXED_HEADER_BYTES + (first & 0x0f) * 4;
  if (!readExtension(packet, view, (first & 0x10) !== 0)) return false;
  const padding = (first & 0x20) === 0 ? 0 : packet.readUInt8(packet.length - 1);
  view.payloadEnd = packet.length - padding;
  return view.payloadStart <= view.payloadEnd;
}

function readExtension(packet: Buffer, view: RtpView, present: boolean): boolean {
  view.extensionStart = view.extensionEnd = view.extensionProfile = 0;
  if (!present) return view.payloadStart <= packet.length;
  if (view.payloadStart + 4 > packet.length) return false;
  view.extensionProfile = packet.readUInt16BE(view.payloadStart);
  view.extensionStart = view.payloadStart + 4;
  view.extensionEnd = view.extensionStart + packet.readUInt16BE(view.payloadStart + 2) * 4;
  view.payloadStart = view.extensionEnd;
  return view.extensionEnd <= packet.length;
}

/** How one leg's header extensions become the other's. */
export interface ExtensionMap {
  /** New id by old id; 0 takes the element out. */
  readonly ids: Uint8Array;
  /** Old id of the mid element (RFC 8843), 0 for none, and the mid to write. */
  readonly midId: number;
  readonly mid: Buffer;
}

/** Renumbers the elements of `packet`; those that the other leg does not know become padding (zeros). */
export function rewriteExtensions(packet: Buffer, view: RtpView, map: ExtensionMap): void {
  if (view.extensionStart === 0) return;
  if (view.extensionProfile === ONE_BYTE_PROFILE) rewriteOneByte(packet, view, map);
  else if (view.extensionProfile >> 4 === 0x100) rewriteTwoByte(packet, view, map);
}

function rewriteOneByte(packet: Buffer, view: RtpView, map: ExtensionMap): void {
  let at = view.extensionStart;
  while (at < view.extensionEnd) {
    const head = packet[at] ?? 0;
    const id = head >> 4;
    if (head === 0) {
      at += 1;
      continue;
    }
    const end = at + 2 + (head & 0x0f);
    if (id === 15 || end > view.extensionEnd) return void packet.fill(0, at, view.extensionEnd);
    const next = id === map.midId && !writeMid(packet, at + 1, end, map.mid) ? 0 : (map.ids[id] ?? 0);
    if (next === 0 || next > 14) packet.fill(0, at, end);
    else packet[at] = (next << 4) | (head & 0x0f);
    at = end;
  }
}

function rewriteTwoByte(packet: Buffer, view: RtpView, map: ExtensionMap): void {
  let at = view.extensionStart;
  while (at < view.extensionEnd) {
    const id = packet[at] ?? 0;
    if (id === 0) {
      at += 1;
      continue;
    }
    const end = at + 2 + (packet[at + 1] ?? 0);
    if (at + 2 > view.extensionEnd || end > view.extensionEnd) return void packet.fill(0, at, view.extensionEnd);
    const next = id === map.midId && !writeMid(packet, at + 2, end, map.mid) ? 0 : (map.ids[id] ?? 0);
    if (next === 0) packet.fill(0, at, end);
    else packet[at] = next;
    at = end;
  }
}

/** A mid is overwritten where it is as long as the other leg's; false where it has to go. */
function writeMid(packet: Buffer, start: number, end: number, mid: Buffer): boolean {
  if (end - start !== mid.length) return false;
  mid.copy(packet, start);
  return true;
}
