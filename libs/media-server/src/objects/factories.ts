/** What `create` can make. */
import { z } from 'zod';
import { KurentoError } from '../errors.ts';
import { readOperationParams, type Parameters } from '../parameters.ts';
import { MediaObject } from './media-object.ts';
import type { Scope } from './operation.ts';
import { WebRtcEndpoint, type EndpointHost } from './webrtc-endpoint.ts';

/** Checks everything first; the returned function only constructs. */
export function factoryFor(type: string, params: Parameters, host: EndpointHost, scope: Scope): () => MediaObject {
  switch (type.replace(/^kurento\./, '')) {
    case 'MediaPipeline':
      return () => new MediaObject('MediaPipeline', host, null);
    case 'WebRtcEndpoint':
      return webRtcEndpoint(params, host, scope);
    default:
      throw new KurentoError('MEDIA_OBJECT_NOT_AVAILABLE', `Factory '${type}' not found`);
  }
}

const endpointParams = z.object({
  mediaPipeline: z.string(),
  recvonly: z.boolean().optional(),
  sendonly: z.boolean().optional(),
});

function webRtcEndpoint(params: Parameters, host: EndpointHost, scope: Scope): () => MediaObject {
  const { mediaPipeline, recvonly, sendonly } = readOperationParams(endpointParams, params);
  const pipeline = scope.find(mediaPipeline);
  if (pipeline.type !== 'MediaPipeline') {
    throw new KurentoError('MARSHALL_ERROR', "'mediaPipeline' parameter should be a MediaPipeline");
  }
  const direction = recvonly ? 'recvonly' : sendonly ? 'sendonly' : 'sendrecv';
  return () => new WebRtcEndpoint(host, pipeline, direction);
}
