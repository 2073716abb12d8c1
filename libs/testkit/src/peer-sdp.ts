/** The SDP of a synthetic peer: the offer the other side sees, and the one section that libdatachannel sees. */

export type PeerKind = 'audio' | 'video';

/** What the peer's offer has. */
export interface PeerSections {
  readonly kinds: readonly PeerKind[];
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly';
  readonly payloadTypes: { readonly opus: number; readonly vp8: number; readonly rtx: number };
  /** Ids of the mid and transport-cc header extensions. */
  readonly extensionIds: { readonly mid: number; readonly transportCc: number };
  /**
   * Who begins DTLS. A server that may (`actpass`) begins as soon as its ICE is up; libdatachannel's own is later by
   * then and loses the first packet, which is repeated after a second. So the peer begins, unless told otherwise.
   */
  readonly setup: 'active' | 'actpass';
  /** Leave the SSRCs out, as a browser may that tells none. */
  readonly withoutSsrcs: boolean;
}

export const DEFAULT_SECTIONS: PeerSections = {
  kinds: ['audio', 'video'],
  direction: 'sendrecv',
  payloadTypes: { opus: 111, vp8: 96, rtx: 97 },
  extensionIds: { mid: 4, transportCc: 3 },
  setup: 'active',
  withoutSsrcs: false,
};

type Ssrcs = Readonly<Record<PeerKind, { readonly ssrc: number; readonly rtxSsrc: number }>>;

/** `local` is libdatachannel's description, of which the transport lines are taken. */
export function writePeerOffer(local: string, sections: PeerSections, ssrcs: Ssrcs): string {
  const line = (name: string) => new RegExp(`^a=${name}:.+?$`, 'm').exec(local)?.[0].trim() ?? '';
  const transport = [...['ice-ufrag', 'ice-pwd', 'fingerprint'].map(line), `a=setup:${sections.setup}`];
  const { kinds, extensionIds, payloadTypes } = sections;
  const body = kinds.flatMap((kind, index) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${kind === 'audio' ? payloadTypes.opus : `${payloadTypes.vp8} ${payloadTypes.rtx}`}`,
    'c=IN IP4 0.0.0.0',
    ...transport,
    'a=ice-options:trickle',
    `a=mid:${index}`,
    `a=extmap:${extensionIds.transportCc} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`,
    `a=extmap:${extensionIds.mid} urn:ietf:params:rtp-hdrext:sdes:mid`,
    `a=${sections.direction}`,
    'a=rtcp-mux',
    ...codecLines(kind, payloadTypes),
    ...(sections.withoutSsrcs ? [] : ssrcLines(kind, ssrcs)),
  ]);
  const group = `a=group:BUNDLE ${kinds.map((_, index) => index).join(' ')}`;
  return `${['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', group, ...body].join('\r\n')}\r\n`;
}

function codecLines(kind: PeerKind, { opus, vp8, rtx }: PeerSections['payloadTypes']): string[] {
  if (kind === 'audio') return [`a=rtpmap:${opus} opus/48000/2`, `a=fmtp:${opus} minptime=10;useinbandfec=1`];
  const feedback = ['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'].map((fb) => `a=rtcp-fb:${vp8} ${fb}`);
  return [`a=rtpmap:${vp8} VP8/90000`, ...feedback, `a=rtpmap:${rtx} rtx/90000`, `a=fmtp:${rtx} apt=${vp8}`];
}

function ssrcLines(kind: PeerKind, ssrcs: Ssrcs): string[] {
  const { ssrc, rtxSsrc } = ssrcs[kind];
  if (kind === 'audio') return [`a=ssrc:${ssrc} cname:peer`];
  return [`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`, `a=ssrc:${ssrc} cname:peer`, `a=ssrc:${rtxSsrc} cname:peer`];
}

export interface AnnouncedStream {
  readonly kind: PeerKind;
  readonly rtx: boolean;
}

/** The SSRCs that an answer says will be used. */
export function announcedStreams(answer: string): Map<number, AnnouncedStream> {
  const streams = new Map<number, AnnouncedStream>();
  for (const section of answer.split(/^m=/m).slice(1)) {
    const rtx = /^a=ssrc-group:FID \d+ (\d+)/m.exec(section)?.[1];
    for (const [, ssrc] of section.matchAll(/^a=ssrc:(\d+) cname/gm)) {
      streams.set(Number(ssrc), { kind: section.startsWith('audio') ? 'audio' : 'video', rtx: ssrc === rtx });
    }
  }
  return streams;
}

/** libdatachannel's one section. */
export const BRIDGE_MID = 'peer';

/** The answer as libdatachannel may see it: one section, over which all packets of the bundle go. */
export function bridgeAnswer(answer: string): string {
  const value = (name: string) => new RegExp(`^a=${name}:(.+?)\\r?$`, 'm').exec(answer)?.[1] ?? '';
  const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', `a=group:BUNDLE ${BRIDGE_MID}`];
  const media = [
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    `a=mid:${BRIDGE_MID}`,
    'a=sendrecv',
    'a=rtcp-mux',
  ];
  const transport = ['setup', 'ice-ufrag', 'ice-pwd', 'fingerprint'].map((name) => `a=${name}:${value(name)}`);
  return [...head, ...media, 'a=rtpmap:96 VP8/90000', ...transport, ''].join('\r\n');
}
