/** Writes this server's own descriptions: the answer to a plan, and an offer of everything it can relay. */
import {
  RELAYED_EXTENSIONS,
  sends,
  type LocalStreams,
  type MediaPlan,
  type Plan,
  type RefusedSection,
} from './plan.ts';
import type { Codec, MediaKind } from './codecs.ts';
import type { Direction } from './parse.ts';

/** This server's end of the bundled transport, as libdatachannel made it. */
export interface LocalTransport {
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprint: string;
  readonly setup: string;
}

type Writable = Omit<MediaPlan, 'accepted' | 'remoteSsrc' | 'remoteRtxSsrc'>;

export function writeAnswer(plan: Plan, local: LocalStreams, transport: LocalTransport): string {
  const mids = plan.sections.flatMap((section) => (section.accepted ? [section.mid] : []));
  const head = sessionLines(local, mids, plan.mixedExtensions);
  const body = plan.sections.flatMap((section) =>
    section.accepted ? sectionLines(section, local, transport) : refusedLines(section),
  );
  return `${[...head, ...body].join('\r\n')}\r\n`;
}

export function writeOffer(local: LocalStreams, transport: LocalTransport, direction: Direction): string {
  const sections = [offerSection('audio', OPUS, local, direction), offerSection('video', VP8, local, direction)];
  const mids = sections.map((section) => section.mid);
  const body = sections.flatMap((section) => sectionLines(section, local, transport));
  return `${[...sessionLines(local, mids, true), ...body].join('\r\n')}\r\n`;
}

/** The same description with the server's candidates in it, as `getLocalSessionDescriptor` tells it. */
export function withCandidates(sdp: string, candidates: readonly string[]): string {
  const lines = candidates.map((candidate) => `a=${candidate}\r\n`).join('');
  return sdp.replace(/(a=fingerprint:.*\r\n)/g, `$1${lines}`);
}

const FEEDBACK = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'];

const OPUS: Codec = {
  name: 'opus',
  payloadType: 111,
  clockRate: 48_000,
  rtpmap: 'opus/48000/2',
  fmtp: 'minptime=10;useinbandfec=1',
  feedback: ['transport-cc'],
  rtxPayloadType: null,
};

const VP8: Codec = {
  name: 'VP8',
  payloadType: 96,
  clockRate: 90_000,
  rtpmap: 'VP8/90000',
  fmtp: null,
  feedback: FEEDBACK,
  rtxPayloadType: 97,
};

function offerSection(kind: MediaKind, codec: Codec, local: LocalStreams, direction: Direction): Writable {
  return {
    kind,
    mid: `${kind}0`,
    protocol: 'UDP/TLS/RTP/SAVPF',
    codec,
    extensions: new Map(RELAYED_EXTENSIONS.map((uri, index) => [uri, index + 1])),
    direction,
    localSsrc: local[kind],
    localRtxSsrc: codec.rtxPayloadType === null ? null : local.videoRtx,
  };
}

const sessionLines = (local: LocalStreams, mids: readonly string[], mixedExtensions: boolean): string[] => [
  'v=0',
  `o=- ${local.audio} 1 IN IP4 0.0.0.0`,
  's=Switchboard Media Server',
  'c=IN IP4 0.0.0.0',
  't=0 0',
  ...(mixedExtensions ? ['a=extmap-allow-mixed'] : []),
  `a=msid-semantic: WMS ${local.stream}`,
  `a=group:BUNDLE ${mids.join(' ')}`,
];

function sectionLines(plan: Writable, local: LocalStreams, transport: LocalTransport): string[] {
  const { codec } = plan;
  const rtx = codec.rtxPayloadType;
  const formats = rtx === null ? `${codec.payloadType}` : `${codec.payloadType} ${rtx}`;
  return [
    `m=${plan.kind} 9 ${plan.protocol} ${formats}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=mid:${plan.mid}`,
    ...[...plan.extensions].map(([uri, id]) => `a=extmap:${id} ${uri}`),
    `a=${plan.direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecLines(codec),
    ...(sends(plan.direction) ? ssrcLines(plan, local) : []),
    `a=setup:${transport.setup}`,
    `a=ice-ufrag:${transport.ufrag}`,
    `a=ice-pwd:${transport.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:${transport.fingerprint}`,
  ];
}

function codecLines(codec: Codec): string[] {
  const type = codec.payloadType;
  const lines = [`a=rtpmap:${type} ${codec.rtpmap}`, ...codec.feedback.map((value) => `a=rtcp-fb:${type} ${value}`)];
  if (codec.fmtp !== null) lines.push(`a=fmtp:${type} ${codec.fmtp}`);
  if (codec.rtxPayloadType !== null) {
    lines.push(`a=rtpmap:${codec.rtxPayloadType} rtx/${codec.clockRate}`, `a=fmtp:${codec.rtxPayloadType} apt=${type}`);
  }
  return lines;
}

function ssrcLines(plan: Writable, local: LocalStreams): string[] {
  const msid = `${local.stream} ${plan.kind}`;
  const rtx = plan.localRtxSsrc;
  const ssrcs = rtx === null ? [plan.localSsrc] : [plan.localSsrc, rtx];
  return [
    `a=msid:${msid}`,
    ...(rtx === null ? [] : [`a=ssrc-group:FID ${plan.localSsrc} ${rtx}`]),
    ...ssrcs.flatMap((ssrc) => [`a=ssrc:${ssrc} cname:${local.cname}`, `a=ssrc:${ssrc} msid:${msid}`]),
  ];
}

const refusedLines = (section: RefusedSection): string[] => [
  `m=${section.kind} 0 ${section.protocol} ${section.formats.join(' ')}`,
  'c=IN IP4 0.0.0.0',
  ...(section.mid === null ? [] : [`a=mid:${section.mid}`]),
  'a=inactive',
];
