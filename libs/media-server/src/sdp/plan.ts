/**
 * What a remote description and this server agree on. Invariant: at most one audio and one video section are
 * accepted, each with one codec, all on one bundled transport; every other section is refused with port 0.
 */
import { chooseCodec, type Codec, type CodecName, type MediaKind, type VideoCodec } from './codecs.ts';
import { directionOf, SdpError, valueOf, valuesOf, type Description, type Direction, type Section } from './parse.ts';

export const MID_EXTENSION = 'urn:ietf:params:rtp-hdrext:sdes:mid';

/** Header extensions that mean the same on both legs and so may be relayed; ids differ per leg. */
export const RELAYED_EXTENSIONS: readonly string[] = [
  MID_EXTENSION,
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'urn:ietf:params:rtp-hdrext:toffset',
  'urn:3gpp:video-orientation',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'http://www.webrtc.org/experiments/rtp-hdrext/video-content-type',
  'http://www.webrtc.org/experiments/rtp-hdrext/video-timing',
  'http://www.webrtc.org/experiments/rtp-hdrext/color-space',
];

/** The SSRCs under which this server sends to one peer, fixed for the life of an endpoint. */
export interface LocalStreams {
  readonly cname: string;
  readonly stream: string;
  readonly audio: number;
  readonly video: number;
  readonly videoRtx: number;
}

export interface MediaPlan {
  readonly accepted: true;
  readonly kind: MediaKind;
  readonly mid: string;
  readonly protocol: string;
  readonly codec: Codec;
  /** Header extension id by URI, as the remote side numbers them. */
  readonly extensions: ReadonlyMap<string, number>;
  /** What this server does: `recvonly` when the peer only sends. */
  readonly direction: Direction;
  readonly localSsrc: number;
  readonly localRtxSsrc: number | null;
  /** The peer's SSRCs, null where its description tells none (they are then learnt from the packets). */
  readonly remoteSsrc: number | null;
  readonly remoteRtxSsrc: number | null;
}

export interface RefusedSection {
  readonly accepted: false;
  readonly kind: string;
  readonly mid: string | null;
  readonly protocol: string;
  readonly formats: readonly string[];
}

/** How the remote side is reached; one for all sections, they are bundled. */
export interface RemoteTransport {
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprint: string;
  readonly setup: string;
  readonly candidates: readonly string[];
}

export interface Plan {
  readonly sections: readonly (MediaPlan | RefusedSection)[];
  readonly media: { readonly audio: MediaPlan | null; readonly video: MediaPlan | null };
  readonly transport: RemoteTransport;
  readonly mixedExtensions: boolean;
}

export interface PlanOptions {
  readonly local: LocalStreams;
  /** Video codecs in the order of preference. */
  readonly video: readonly VideoCodec[];
  /** What the endpoint was made for. */
  readonly direction: Direction;
}

export function planMedia(remote: Description, options: PlanOptions): Plan {
  const bundle = bundledMids(remote);
  const taken = new Set<string>();
  const sections = remote.sections.map((section) => {
    const mid = valueOf(section, 'mid') ?? null;
    const inBundle = mid !== null && (bundle.has(mid) || taken.size === 0);
    const wanted = inBundle && isOffered(section, bundle.has(mid)) && !taken.has(section.kind);
    const plan = wanted ? planSection(section, remote, mid, options) : null;
    if (plan) taken.add(plan.kind);
    return plan ?? refuse(section, mid);
  });
  const first = remote.sections.find((_, index) => sections[index]?.accepted);
  if (!first) throw new SdpError('No acceptable media section');
  const find = (kind: MediaKind) => sections.find((plan): plan is MediaPlan => plan.accepted && plan.kind === kind);
  return {
    sections,
    media: { audio: find('audio') ?? null, video: find('video') ?? null },
    transport: remoteTransport(first, remote),
    mixedExtensions: valueOf(remote, 'extmap-allow-mixed') !== undefined,
  };
}

function planSection(section: Section, session: Description, mid: string, options: PlanOptions): MediaPlan | null {
  const { kind } = section;
  if ((kind !== 'audio' && kind !== 'video') || !/^[\w-]{1,16}$/.test(mid)) return null;
  const wanted: readonly CodecName[] = kind === 'audio' ? ['opus'] : options.video;
  const codec = chooseCodec(section, wanted);
  if (!codec) return null;
  const [remoteSsrc, remoteRtxSsrc] = remoteSsrcs(section);
  return {
    accepted: true,
    kind,
    mid,
    protocol: section.protocol,
    codec,
    extensions: relayedExtensions(section),
    direction: answerDirection(directionOf(section, session), options.direction),
    localSsrc: options.local[kind],
    localRtxSsrc: codec.rtxPayloadType === null ? null : options.local.videoRtx,
    remoteSsrc,
    remoteRtxSsrc: codec.rtxPayloadType === null ? null : remoteRtxSsrc,
  };
}

/** Port 0 takes a section back, unless it says that it is to be had in the bundle only (RFC 8843, 6), as Firefox does. */
const isOffered = (section: Section, bundled: boolean): boolean =>
  section.port !== 0 || (bundled && valueOf(section, 'bundle-only') !== undefined);

const refuse = (section: Section, mid: string | null): RefusedSection => ({
  accepted: false,
  kind: section.kind,
  mid,
  protocol: section.protocol,
  formats: section.formats,
});

function bundledMids(remote: Description): Set<string> {
  const groups = valuesOf(remote, 'group').filter((value) => value.startsWith('BUNDLE '));
  return new Set(groups.flatMap((value) => value.split(' ').slice(1)));
}

export const sends = (direction: Direction) => direction === 'sendrecv' || direction === 'sendonly';
export const receives = (direction: Direction) => direction === 'sendrecv' || direction === 'recvonly';

function answerDirection(remote: Direction, own: Direction): Direction {
  const send = receives(remote) && sends(own);
  const receive = sends(remote) && receives(own);
  return send ? (receive ? 'sendrecv' : 'sendonly') : receive ? 'recvonly' : 'inactive';
}

function relayedExtensions(section: Section): Map<string, number> {
  const pairs = valuesOf(section, 'extmap').flatMap((value): [string, number][] => {
    const [id = '', uri = ''] = value.split(' ');
    const number = Number.parseInt(id, 10);
    return RELAYED_EXTENSIONS.includes(uri) && number >= 1 && number <= 255 ? [[uri, number]] : [];
  });
  return new Map(pairs);
}

/** The first SSRC, and the one that an FID group pairs with it for retransmissions (RFC 5576). */
function remoteSsrcs(section: Section): [number | null, number | null] {
  const toSsrc = (text: string | undefined) => {
    const value = Number(text);
    return text !== undefined && Number.isInteger(value) && value > 0 && value <= 0xffffffff ? value : null;
  };
  const group = valuesOf(section, 'ssrc-group').find((value) => value.startsWith('FID '));
  const [, main, rtx] = group?.split(' ') ?? [];
  if (main !== undefined) return [toSsrc(main), toSsrc(rtx)];
  return [toSsrc(valueOf(section, 'ssrc')?.split(' ')[0]), null];
}

function remoteTransport(section: Section, session: Description): RemoteTransport {
  const required = (name: string) => {
    const value = valueOf(section, name) ?? valueOf(session, name);
    if (!value) throw new SdpError(`Missing ${name}`);
    return value;
  };
  const lists = session.sections.flatMap((each) => valuesOf(each, 'candidate'));
  return {
    ufrag: required('ice-ufrag'),
    password: required('ice-pwd'),
    fingerprint: required('fingerprint'),
    setup: valueOf(section, 'setup') ?? valueOf(session, 'setup') ?? 'actpass',
    candidates: [...new Set(lists)].map((candidate) => `candidate:${candidate}`),
  };
}
