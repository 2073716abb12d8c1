/** What a client may send (docs/protocol.md). Every message is checked here before anything is done with it. */
import { z } from 'zod';
import { callID, sessionID, userID } from './ids.ts';
import { mediaKind, ownPresence, shown } from './reasons.ts';

/** Capabilities at login; `native` is what tells our clients from the seed's. Unknown names are ignored. */
export const CAPABILITIES = ['native', 'prepare', 'renegotiate', 'secondLeg'] as const;
export type Capability = (typeof CAPABILITIES)[number];
const known = new Set<string>(CAPABILITIES);
export const capability = z.enum(CAPABILITIES);

/** Most candidates that anyone holds for a leg before its SDP is there. */
export const MAX_HELD_CANDIDATES = 64;

/** Most users whose presence one session may watch. */
export const MAX_WATCHED = 500;

/** An SDP offer: not parsed here (only the media server understands it all), but it has to look like one (RFC 8866). */
export const sdp = z
  .string()
  .max(65_536)
  .refine(
    (text) => /^v=0\r?\n/.test(text) && /^m=(audio|video|application) /m.test(text),
    'must be an SDP with v=0 and an m= line',
  );

export const candidate = z.object({
  candidate: z.string().max(1024),
  sdpMid: z
    .string()
    .max(64)
    .nullish()
    .transform((mid) => mid ?? '0'),
  sdpMLineIndex: z
    .int()
    .min(0)
    .max(63)
    .nullish()
    .transform((index) => index ?? 0),
});
export type Candidate = z.infer<typeof candidate>;

/** A client's own name for one of its offers; the candidates of that offer and its answer carry it too. */
export const clientLeg = z.string().min(1).max(64);

/**
 * Goes on with a session whose socket broke. `fresh`: no RTCPeerConnection is left (a reload). `calls`: those that the client
 * believes are alive; it is told how each of them is, or how it ended.
 */
export const resume = z.object({
  sessionID,
  fresh: z.boolean().default(false),
  calls: z.array(callID).max(8).default([]),
});
export type Resume = z.infer<typeof resume>;

export const login = z.object({
  type: z.literal('login'),
  userID,
  token: z.string().max(8192).optional(),
  deviceID: z.string().max(128).optional(),
  capabilities: z
    .array(z.string().max(64))
    .max(32)
    .default([])
    .transform((names) => names.filter((name): name is Capability => known.has(name))),
  resume: resume.optional(),
});

export const call = z.object({
  type: z.literal('call'),
  callerID: userID,
  calleeID: userID,
  sdpOffer: sdp,
  media: mediaKind.default('video'),
  requestID: z.string().min(1).max(64).optional(),
  legID: clientLeg.optional(),
});

const answerBase = { type: z.literal('incomingCallResponse'), callerID: userID, callID: callID.optional() };
export const incomingCallResponse = z.discriminatedUnion('callResponse', [
  z.object({ ...answerBase, callResponse: z.literal('accepted'), sdpOffer: sdp, legID: clientLeg.optional() }),
  z.object({ ...answerBase, callResponse: z.literal('rejected') }),
]);

export const ringing = z.object({ type: z.literal('ringing'), callID });

export const onIceCandidate = z.object({
  type: z.literal('onIceCandidate'),
  candidate,
  callID: callID.optional(),
  legID: clientLeg.optional(),
});

export const stop = z.object({ type: z.literal('stop'), callID: callID.optional() });

/** A new offer of a running call, by a new connection of the client: after a reload, or another network. */
export const renegotiate = z.object({ type: z.literal('renegotiate'), callID, sdpOffer: sdp, legID: clientLeg });

export const mediaState = z.object({ type: z.literal('mediaState'), callID, ...shown.shape });

/** Whose presence this session watches from now on; the list replaces the one before. */
export const watchPresence = z.object({ type: z.literal('presence'), userIDs: z.array(userID).max(MAX_WATCHED) });

export const setPresence = z.object({ type: z.literal('setPresence'), state: ownPresence });

/** Asks whether the gateway is still there: a page cannot see the ping frames of its socket. */
export const ping = z.object({ type: z.literal('ping') });

/** By type, so that a bad message is told what is wrong with *it*, and an unknown type is told apart. */
export const CLIENT_MESSAGES = {
  login,
  call,
  incomingCallResponse,
  ringing,
  onIceCandidate,
  stop,
  renegotiate,
  mediaState,
  presence: watchPresence,
  setPresence,
  ping,
} as const;
export type ClientMessageType = keyof typeof CLIENT_MESSAGES;
export type ClientMessage = { [T in ClientMessageType]: z.infer<(typeof CLIENT_MESSAGES)[T]> }[ClientMessageType];
/** As a client writes it, before defaults are filled in. */
export type ClientMessageInput = { [T in ClientMessageType]: z.input<(typeof CLIENT_MESSAGES)[T]> }[ClientMessageType];
