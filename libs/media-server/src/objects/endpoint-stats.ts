/** `getStats` in the shape Kurento gives it (tests/fixtures/kms-wire/wire-call-vp8.jsonl); what a relay cannot know is 0. */
import type { Leg } from '../relay/leg.ts';
import type { MediaType } from './connections.ts';
import type { WebRtcEndpoint } from './webrtc-endpoint.ts';

/** Null, as Kurento answers, while there is nothing to tell. */
export function endpointStats(endpoint: WebRtcEndpoint, type: MediaType | undefined): Record<string, unknown> | null {
  const { leg } = endpoint;
  if (!leg) return null;
  const wanted = (kind: string) => type === undefined || type.toLowerCase() === kind;
  const entries = [...inbound(leg, endpoint, wanted), ...outbound(leg, endpoint, wanted)];
  return entries.length === 0 ? null : Object.fromEntries(entries.map((entry) => [entry['id'], entry]));
}

type Wanted = (kind: string) => boolean;

function inbound(leg: Leg, endpoint: WebRtcEndpoint, wanted: Wanted): Record<string, unknown>[] {
  return leg.streams
    .filter((stream) => stream.ssrc !== null && wanted(stream.kind))
    .map((stream) => ({
      ...common(endpoint, 'RTCInboundRTPStreamStats', `in-${stream.kind}-${stream.rtx ? 'rtx' : 'main'}`),
      type: 'inboundrtp',
      ssrc: `${stream.ssrc}`,
      bytesReceived: stream.bytes,
      packetsReceived: stream.packets,
      jitter: 0,
    }));
}

function outbound(leg: Leg, endpoint: WebRtcEndpoint, wanted: Wanted): Record<string, unknown>[] {
  return [leg.outMedia.audio, leg.outMedia.video]
    .flatMap((media) => (media && wanted(media.kind) ? [media] : []))
    .map(({ kind, main }) => ({
      ...common(endpoint, 'RTCOutboundRTPStreamStats', `out-${kind}-main`),
      type: 'outboundrtp',
      ssrc: `${main.ssrc}`,
      bytesSent: main.bytes,
      packetsSent: main.packets,
      roundTripTime: 0,
      targetBitrate: 0,
    }));
}

const common = (endpoint: WebRtcEndpoint, statsType: string, suffix: string) => ({
  __module__: 'kurento',
  __type__: statsType,
  id: `${endpoint.id.slice(-58, -22)}-${suffix}`,
  timestampMillis: endpoint.host.now(),
  associateStatsId: '',
  codecId: '',
  mediaTrackId: '',
  transportId: '',
  isRemote: false,
  firCount: 0,
  fractionLost: 0,
  nackCount: 0,
  packetsLost: 0,
  pliCount: 0,
  remb: 0,
  sliCount: 0,
});
