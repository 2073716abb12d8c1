/** The types this server knows, as `describe` and `subscribe` tell them. Event names are Kurento 7's; those of 6 are refused. */

export type TypeName = 'ServerManager' | 'MediaPipeline' | 'WebRtcEndpoint';

const ANY_OBJECT = ['Error'] as const;

const ELEMENT = [
  'ElementConnected',
  'ElementDisconnected',
  'MediaFlowInStateChanged',
  'MediaFlowOutStateChanged',
  'MediaTranscodingStateChanged',
] as const;

const ENDPOINT = [
  'MediaSessionStarted',
  'MediaSessionTerminated',
  'ConnectionStateChanged',
  'MediaStateChanged',
  'IceCandidateFound',
  'IceGatheringDone',
  'IceComponentStateChanged',
  'NewCandidatePairSelected',
  'DataChannelOpened',
  'DataChannelClosed',
  'DtlsConnectionStateChange',
] as const;

const MANAGER = ['ObjectCreated', 'ObjectDestroyed'] as const;

export type EventType = (typeof ANY_OBJECT | typeof ELEMENT | typeof ENDPOINT | typeof MANAGER)[number];

interface TypeEntry {
  /** Nearest first. */
  readonly hierarchy: readonly string[];
  readonly events: readonly EventType[];
}

export const CATALOGUE: Readonly<Record<TypeName, TypeEntry>> = {
  ServerManager: { hierarchy: ['kurento.MediaObject'], events: [...ANY_OBJECT, ...MANAGER] },
  MediaPipeline: { hierarchy: ['kurento.MediaObject'], events: ANY_OBJECT },
  WebRtcEndpoint: {
    hierarchy: [
      'kurento.BaseRtpEndpoint',
      'kurento.SdpEndpoint',
      'kurento.SessionEndpoint',
      'kurento.Endpoint',
      'kurento.MediaElement',
      'kurento.MediaObject',
    ],
    events: [...ANY_OBJECT, ...ELEMENT, ...ENDPOINT],
  },
};

/** The event of this name that an object of `type` can emit. */
export const eventOf = (type: TypeName, name: string): EventType | undefined =>
  CATALOGUE[type].events.find((event) => event === name);
