/** Operations of MediaElement: connecting, and what flows. */
import { z } from 'zod';
import { KurentoError } from '../errors.ts';
import { MEDIA_TYPES, type Connection, type MediaType } from './connections.ts';
import { operation, type Operations } from './operation.ts';
import type { Connectable } from './patch-bay.ts';
import { WebRtcEndpoint } from './webrtc-endpoint.ts';

const mediaType = z.enum(['AUDIO', 'VIDEO', 'DATA']);
const linking = z.object({ sink: z.string(), mediaType: mediaType.optional() });
const flowing = z.object({ mediaType, sinkMediaDescription: z.string().optional() });
const filter = z.object({ mediaType: mediaType.optional() });

const typesOf = (type: MediaType | undefined) => (type === undefined ? MEDIA_TYPES : [type]);

export const elementOperations: Operations<WebRtcEndpoint> = {
  connect: operation(linking, (source: WebRtcEndpoint, { sink, mediaType: type }, scope) => {
    source.patchBay.connections.connect(source, asElement(scope.find(sink)), typesOf(type));
    return null;
  }),
  disconnect: operation(linking, (source: WebRtcEndpoint, { sink, mediaType: type }, scope) => {
    source.patchBay.connections.disconnect(source, asElement(scope.find(sink)), typesOf(type));
    return null;
  }),
  getSinkConnections: operation(filter, (source: WebRtcEndpoint, { mediaType: type }) =>
    connectionList(source.patchBay.connections.from(source), type),
  ),
  getSourceConnections: operation(filter, (sink: WebRtcEndpoint, { mediaType: type }) =>
    connectionList(sink.patchBay.connections.to(sink), type),
  ),
  isMediaFlowingIn: operation(flowing, (element: WebRtcEndpoint, params) => flows(element, 'in', params.mediaType)),
  isMediaFlowingOut: operation(flowing, (element: WebRtcEndpoint, params) => flows(element, 'out', params.mediaType)),
  isMediaTranscoding: operation(flowing, () => false),
  getGstreamerDot: operation(z.object({}), (element: WebRtcEndpoint) => `digraph pipeline {\n  "${element.id}";\n}\n`),
};

/** Kurento 7.3.1 dies when a sink is no element; this server answers an error. */
function asElement(object: unknown): WebRtcEndpoint {
  if (object instanceof WebRtcEndpoint) return object;
  throw new KurentoError('MARSHALL_ERROR', "'sink' parameter should be a MediaElement");
}

function flows(element: WebRtcEndpoint, direction: 'in' | 'out', type: MediaType): boolean {
  if (type === 'DATA') return false;
  return element.flowing(direction, type === 'AUDIO' ? 'audio' : 'video');
}

function connectionList(connections: readonly Connection<Connectable>[], type: MediaType | undefined) {
  return connections
    .filter((connection) => type === undefined || connection.type === type)
    .sort((a, b) => a.type.localeCompare(b.type))
    .map((connection) => ({
      __module__: 'kurento',
      __type__: 'ElementConnectionData',
      sink: connection.sink.id,
      sinkDescription: 'default',
      source: connection.source.id,
      sourceDescription: 'default',
      type: connection.type,
    }));
}
