/**
 * What the server sends to a client. The fields that a seed client knows come first; those after them are for native
 * clients only, and a seed client never sees them.
 */
import { z } from 'zod';
import { candidate, clientLeg } from './client-messages.ts';
import { errorCode } from './errors.ts';
import { callID, sessionID, userID } from './ids.ts';
import {
  deviceReason,
  endedBy,
  mediaKind,
  peerNews,
  phase,
  presence,
  reason,
  renegotiationCause,
  role,
  shown,
} from './reasons.ts';

const anyReason = z.union([reason, deviceReason]);
const n = z.int().min(0);

export const iceServer = z.object({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof iceServer>;

export const loginResponse = z.discriminatedUnion('content', [
  z.object({ type: z.literal('loginResponse'), content: z.literal('rejected'), error: z.string() }),
  z.object({
    type: z.literal('loginResponse'),
    content: z.literal('accepted'),
    /** Another one than the client wanted to resume: that one is gone. */
    sessionID,
    /** The call that is alive, if any; its `callState` follows. */
    callID: callID.optional(),
    iceServers: z.array(iceServer),
    graceMs: z.int().min(0),
    gateways: z.array(z.string()),
  }),
]);

export const callResponse = z.object({
  type: z.literal('callResponse'),
  callResponse: z.enum(['notOnline', 'isBusy', 'rejected', 'exception', 'accepted']),
  sdpAnswer: z.string().optional(),
  callID: callID.optional(),
  legID: clientLeg.optional(),
  n: n.optional(),
  reason: anyReason.optional(),
  endedBy: endedBy.optional(),
  phase: phase.optional(),
});

export const incomingCall = z.object({
  type: z.literal('incomingCall'),
  callerID: userID,
  callID: callID.optional(),
  n: n.optional(),
  media: mediaKind.optional(),
});

export const startCommunication = z.object({
  type: z.literal('startCommunication'),
  sdpAnswer: z.string(),
  callID: callID.optional(),
  legID: clientLeg.optional(),
  n: n.optional(),
});

export const stopCommunication = z.object({
  type: z.literal('stopCommunication'),
  callID: callID.optional(),
  n: n.optional(),
  reason: anyReason.optional(),
  endedBy: endedBy.optional(),
  phase: phase.optional(),
});

export const iceCandidate = z.object({
  type: z.literal('iceCandidate'),
  candidate,
  callID: callID.optional(),
  legID: clientLeg.optional(),
});

export const callProgress = z.object({ type: z.literal('callProgress'), callID, n, phase });

/** How a call is now: it replaces what the client knew of it. Follows a resume, and a glare that this device lost. */
export const callState = z.object({
  type: z.literal('callState'),
  callID,
  n,
  phase,
  role,
  peer: userID,
  media: mediaKind,
  /** The leg of this device; missing if it has to be made anew. */
  legID: clientLeg.optional(),
  /** If the leg has its answer and is not connected yet. */
  sdpAnswer: z.string().optional(),
  peerState: z.enum(['connected', 'reconnecting']),
  peerMedia: shown,
  /** What this device sent last, as the server was told: after a reload it goes on with that. */
  ownMedia: shown.optional(),
  /** How long it has been connected: clocks differ, a duration does not. */
  connectedMs: z.number().min(0).optional(),
});

/** The other party's connection to the service. The talk goes on meanwhile. */
export const peerState = z.object({
  type: z.literal('peerState'),
  callID,
  n,
  state: peerNews,
});

/** What the other party sends. */
export const mediaState = z.object({ type: z.literal('mediaState'), callID, n, ...shown.shape });

/** The client is to make a new connection and offer it. */
export const renegotiate = z.object({ type: z.literal('renegotiate'), callID, n, cause: renegotiationCause });

export const renegotiated = z.object({
  type: z.literal('renegotiated'),
  callID,
  n,
  legID: clientLeg,
  sdpAnswer: z.string(),
});

export const presenceChanged = z.object({ type: z.literal('presenceChanged'), userID, state: presence });

/** This gateway is going away: connect to another one after so long, and go on there. */
export const reconnect = z.object({ type: z.literal('reconnect'), afterMs: z.int().min(0) });

/** The answer to `ping`. */
export const pong = z.object({ type: z.literal('pong') });

export const error = z.object({
  type: z.literal('error'),
  code: errorCode,
  message: z.string(),
  re: z.string().optional(),
});

export const SERVER_MESSAGES = {
  loginResponse,
  callResponse,
  incomingCall,
  startCommunication,
  stopCommunication,
  iceCandidate,
  callProgress,
  callState,
  peerState,
  mediaState,
  renegotiate,
  renegotiated,
  presenceChanged,
  reconnect,
  pong,
  error,
} as const;
export type ServerMessageType = keyof typeof SERVER_MESSAGES;
export type ServerMessage = { [T in ServerMessageType]: z.infer<(typeof SERVER_MESSAGES)[T]> }[ServerMessageType];
export const serverMessage = z.union(
  Object.values(SERVER_MESSAGES) as [(typeof SERVER_MESSAGES)['error'], ...z.ZodType<ServerMessage>[]],
);
