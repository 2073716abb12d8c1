/** Chooses the one codec of a section. There is no transcoding: what is not Opus, VP8 or H264 is refused. */
import { valuesOf, type Section } from './parse.ts';

export type MediaKind = 'audio' | 'video';
export type VideoCodec = 'VP8' | 'H264';
export type CodecName = 'opus' | VideoCodec;

export interface Codec {
  readonly name: CodecName;
  readonly payloadType: number;
  readonly clockRate: number;
  /** As in `a=rtpmap`, for instance `opus/48000/2`. */
  readonly rtpmap: string;
  readonly fmtp: string | null;
  readonly feedback: readonly string[];
  /** Payload type of the retransmissions (RFC 4588), null where none was offered. */
  readonly rtxPayloadType: number | null;
}

const FEEDBACK = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];

/** The section's best codec in the order of `wanted`, or null. */
export function chooseCodec(section: Section, wanted: readonly CodecName[]): Codec | null {
  const offered = offeredCodecs(section);
  for (const name of wanted) {
    const fitting = offered.filter((codec) => codec.name === name);
    const best = fitting.sort((a, b) => h264Rank(a) - h264Rank(b))[0];
    if (best) return best;
  }
  return null;
}

/** Constrained baseline with packetization mode 1 is what every browser decodes; other profiles follow. */
function h264Rank(codec: Codec): number {
  if (codec.name !== 'H264') return 0;
  const fmtp = codec.fmtp ?? '';
  const mode1 = /packetization-mode=1/.test(fmtp) ? 0 : 4;
  return mode1 + (/profile-level-id=42e0/i.test(fmtp) ? 0 : /profile-level-id=42/i.test(fmtp) ? 1 : 2);
}

function offeredCodecs(section: Section): Codec[] {
  const feedback = lookup(section, 'rtcp-fb');
  const fmtp = lookup(section, 'fmtp');
  const rtx = rtxByPayloadType(section);
  return lookup(section, 'rtpmap').flatMap(([type, rtpmap]) => {
    const [encoding = '', clock = ''] = rtpmap.split('/');
    const name = codecName(encoding);
    const payloadType = payloadTypeOf(type);
    if (!name || payloadType === null || !section.formats.includes(type)) return [];
    const lines = feedback.filter(([of]) => of === type || of === '*').map(([, value]) => value);
    return {
      name,
      payloadType,
      clockRate: Number(clock),
      rtpmap,
      fmtp: fmtp.find(([of]) => of === type)?.[1] ?? null,
      feedback: FEEDBACK.filter((value) => lines.includes(value)),
      rtxPayloadType: rtx.get(payloadType) ?? null,
    };
  });
}

function rtxByPayloadType(section: Section): Map<number, number> {
  const isRtx = new Set(lookup(section, 'rtpmap').flatMap(([type, map]) => (/^rtx\//i.test(map) ? [type] : [])));
  const pairs = lookup(section, 'fmtp').flatMap(([type, value]): [number, number][] => {
    const apt = /(?:^|;)\s*apt=(\d+)/.exec(value)?.[1];
    const own = payloadTypeOf(type);
    return apt !== undefined && own !== null && isRtx.has(type) ? [[Number(apt), own]] : [];
  });
  return new Map(pairs);
}

function codecName(encoding: string): CodecName | null {
  const names: Record<string, CodecName> = { opus: 'opus', vp8: 'VP8', h264: 'H264' };
  return names[encoding.toLowerCase()] ?? null;
}

/** Payload types share their byte with the marker bit, so they end at 127. */
function payloadTypeOf(text: string): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value < 128 ? value : null;
}

/** `a=name:96 rest` as pairs of `96` and `rest`. */
function lookup(section: Section, name: string): [string, string][] {
  return valuesOf(section, name).map((value) => {
    const space = value.indexOf(' ');
    return space < 0 ? [value, ''] : [value.slice(0, space), value.slice(space + 1).trim()];
  });
}
