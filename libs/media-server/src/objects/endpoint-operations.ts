/** Operations of WebRtcEndpoint and the classes above it, down to MediaElement. */
import { z } from 'zod';
import { endpointStats } from './endpoint-stats.ts';
import { operation, type Operations } from './operation.ts';
import type { WebRtcEndpoint } from './webrtc-endpoint.ts';

const none = z.object({});
const candidate = z.looseObject({ candidate: z.string().max(2048) });

/**
 * Properties that are kept and told but change nothing here: the browsers at both ends agree on their bitrate by
 * themselves. Units are Kurento's: kbit/s, bytes for mtu.
 */
const PROPERTIES = {
  maxAudioRecvBandwidth: 0,
  minVideoRecvBandwidth: 100,
  maxVideoRecvBandwidth: 0,
  minVideoSendBandwidth: 100,
  maxVideoSendBandwidth: 500,
  mtu: 1200,
  stunServerAddress: '',
  stunServerPort: 3478,
  turnUrl: '',
  networkInterfaces: '',
  externalIPv4: '',
  externalIPv6: '',
  iceTcp: false,
} as const;

type Property = string | number | boolean;

function accessors(name: string, initial: Property): [string, Operations<WebRtcEndpoint>[string]][] {
  const schema = z.object({
    [name]: typeof initial === 'number' ? z.int() : typeof initial === 'string' ? z.string() : z.boolean(),
  });
  const suffix = name[0]?.toUpperCase() + name.slice(1);
  return [
    [`get${suffix}`, operation(none, (endpoint: WebRtcEndpoint) => endpoint.properties.get(name) ?? initial)],
    [
      `set${suffix}`,
      operation(schema, (endpoint: WebRtcEndpoint, params) => {
        endpoint.properties.set(name, params[name] ?? initial);
        return null;
      }),
    ],
  ];
}

const properties = Object.fromEntries(Object.entries(PROPERTIES).flatMap(([name, value]) => accessors(name, value)));

export const endpointOperations: Operations<WebRtcEndpoint> = {
  ...properties,
  processOffer: operation(z.object({ offer: z.string() }), (endpoint: WebRtcEndpoint, { offer }) =>
    endpoint.processOffer(offer),
  ),
  processAnswer: operation(z.object({ answer: z.string() }), (endpoint: WebRtcEndpoint, { answer }) =>
    endpoint.processAnswer(answer),
  ),
  generateOffer: operation(z.object({ options: z.looseObject({}).optional() }), (endpoint: WebRtcEndpoint) =>
    endpoint.generateOffer(),
  ),
  gatherCandidates: operation(none, (endpoint: WebRtcEndpoint) => {
    endpoint.ice.gather();
    return null;
  }),
  addIceCandidate: operation(z.object({ candidate }), (endpoint: WebRtcEndpoint, params) => {
    endpoint.addIceCandidate(params.candidate.candidate);
    return null;
  }),
  getLocalSessionDescriptor: operation(none, (endpoint: WebRtcEndpoint) => endpoint.localDescription),
  getRemoteSessionDescriptor: operation(none, (endpoint: WebRtcEndpoint) => endpoint.remoteDescription),
  getConnectionState: operation(none, (endpoint: WebRtcEndpoint) => endpoint.connectionState),
  getMediaState: operation(none, (endpoint: WebRtcEndpoint) => endpoint.mediaState),
  getIceConnectionState: operation(none, (endpoint: WebRtcEndpoint) =>
    [1, 2].map((componentId) => ({
      __module__: 'kurento',
      __type__: 'IceConnection',
      componentId,
      state: endpoint.ice.state,
      streamId: '1',
    })),
  ),
  getICECandidatePairs: operation(none, () => []),
  getRembParams: operation(none, () => ({ __module__: 'kurento', __type__: 'RembParams' })),
  getStats: operation(
    z.object({ mediaType: z.enum(['AUDIO', 'VIDEO', 'DATA']).optional() }),
    (endpoint: WebRtcEndpoint, params) => endpointStats(endpoint, params.mediaType),
  ),
};
