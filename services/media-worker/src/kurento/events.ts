/** Kurento's events of a WebRtcEndpoint (recorded in tests/fixtures/kms-wire), in words of the port. */
import { z } from 'zod';
import { candidate } from '@switchboard/protocol';
import type { EndpointEvents } from './port.ts';

/** Names of Kurento 7; those of 6 (`OnIceCandidate`) are refused with 40106. */
export const ENDPOINT_EVENTS = [
  'IceCandidateFound',
  'IceGatheringDone',
  'IceComponentStateChanged',
  'ConnectionStateChanged',
  'Error',
] as const;

const found = z.object({ candidate });
const component = z.object({ state: z.string() });
const connection = z.object({ newState: z.string() });

export function routeEvent(type: string, data: unknown, events: EndpointEvents): void {
  switch (type) {
    case 'IceCandidateFound': {
      const { data: event } = found.safeParse(data);
      if (event !== undefined) events.candidate(event.candidate);
      return;
    }
    case 'IceGatheringDone':
      return events.gathered();
    case 'IceComponentStateChanged':
      if (component.safeParse(data).data?.state === 'FAILED') events.failed('ice');
      return;
    case 'ConnectionStateChanged':
      if (connection.safeParse(data).data?.newState === 'CONNECTED') events.connected();
      return;
    case 'Error':
      return events.failed('endpoint');
    default:
  }
}
