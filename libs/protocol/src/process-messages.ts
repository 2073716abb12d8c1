/**
 * Messages to processes. A gateway gets what its devices are to be told, in words of the call model; it writes them in the
 * client's own dialect. A worker gets what to do with the legs of one media attempt.
 */
import { z } from 'zod';
import { candidate } from './client-messages.ts';
import { deviceEnding } from './commands.ts';
import { callID, gatewayID, legID, sessionID, userID, workerID } from './ids.ts';
import { mediaKind, peerNews, phase, presence, renegotiationCause, role, shown } from './reasons.ts';

const n = z.int().min(0);
const attempt = z.int().min(1);
const to = { session: sessionID, connection: z.int().min(1) };
const type = <T extends string>(name: T) => z.literal(name);

export const gatewayMessage = z.discriminatedUnion('type', [
  /** To the socket that logged in (`session` is its ID): from now on it is this session. `callID`: the call that it is in. */
  z.object({
    type: type('Attached'),
    ...to,
    as: sessionID,
    resumed: z.boolean(),
    callID: callID.optional(),
    graceMs: z.int().min(0),
  }),
  /** Another socket has this session now. */
  z.object({ type: type('TakenOver'), ...to }),
  z.object({ type: type('Incoming'), ...to, callID, n, callerID: userID, media: mediaKind }),
  z.object({ type: type('Progress'), ...to, callID, n, phase }),
  /** Where the candidates of this leg go. */
  z.object({ type: type('Route'), ...to, callID, attempt, workerID, legID }),
  /** The blob `answerRef(legID)` is the SDP answer: `callResponse accepted` or `startCommunication`. */
  z.object({ type: type('Answer'), ...to, callID, n, role, legID, renegotiated: z.boolean() }),
  /** How a call is now. `attempt` and `workerID`: where the leg's candidates go. `answered`: the blob `answerRef(legID)` may be there. */
  z.object({
    type: type('Snapshot'),
    ...to,
    callID,
    n,
    phase,
    role,
    peer: userID,
    media: mediaKind,
    /** Undefined: the leg is void, a new offer is asked for. */
    legID: legID.optional(),
    attempt: attempt.optional(),
    workerID: workerID.optional(),
    answered: z.boolean(),
    peerAway: z.boolean(),
    peerShown: shown,
    /** What this party itself sent last. */
    ownShown: shown.optional(),
    /** How long it has been connected, by the store's time. */
    connectedMs: z.number().min(0).optional(),
  }),
  /** What this device placed as `callID` is the call `into`: a glare, a call back, or a repeated request. */
  z.object({ type: type('Merged'), ...to, callID, into: callID, peer: userID }),
  z.object({ type: type('PeerState'), ...to, callID, n, state: peerNews }),
  z.object({ type: type('PeerMedia'), ...to, callID, n, ...shown.shape }),
  z.object({ type: type('Renegotiate'), ...to, callID, n, cause: renegotiationCause }),
  /** To the gateway itself, for all its clients that watch this user. */
  z.object({ type: type('PresenceIs'), userID, state: presence }),
  /** From an orchestrator, to the gateway itself: this partition lost its last writes, so say again what you have of it. */
  z.object({ type: type('Reconcile'), partition: z.int().min(0) }),
  /** `answered`: this party had its answer before the end. */
  z.object({ type: type('Ended'), ...to, callID, n, role, answered: z.boolean(), ...deviceEnding.shape }),
  /** From a worker. */
  z.object({ type: type('LocalCandidate'), ...to, callID, attempt, legID, candidate }),
]);
export type GatewayMessage = z.infer<typeof gatewayMessage>;

/** Where a worker sends the candidates of a leg. */
export const legOwner = z.object({ gateway: gatewayID, ...to });
export type LegOwner = z.infer<typeof legOwner>;

export const workerMessage = z.discriminatedUnion('type', [
  /** The blob `offerRef(legID)` is the SDP offer. Prepared, not connected: no media flows. It replaces an earlier leg of that party. */
  z.object({ type: type('PrepareLeg'), callID, attempt, party: role, legID, media: mediaKind, owner: legOwner }),
  /** The callee accepted: connect the legs of both parties as soon as they are there, and again when one is replaced. */
  z.object({ type: type('JoinLegs'), callID, attempt }),
  /** The party of this leg has a new socket: whatever was gathered goes there again. */
  z.object({ type: type('MoveLeg'), callID, attempt, legID, owner: legOwner }),
  z.object({ type: type('ReleaseCall'), callID, attempt }),
  /** This partition lost writes: say again what there is of its calls. Whoever does not know one of them answers `ReleaseCall`. */
  z.object({ type: type('Reconcile'), partition: z.int().min(0) }),
  /** From a gateway. */
  z.object({ type: type('RemoteCandidate'), callID, attempt, legID, candidate }),
]);
export type WorkerMessage = z.infer<typeof workerMessage>;

/** To the mailbox of the process `push`, which a platform's push service reads (docs/protocol.md). */
export const pushMessage = z.object({
  type: type('call.wake'),
  userID,
  callID,
  callerID: userID,
  media: mediaKind,
  /** Ms since 1970: after that it has rung out. */
  until: z.number(),
});
export type PushMessage = z.infer<typeof pushMessage>;
/** Where it goes. */
export const PUSH = 'push';

/** What a worker says of itself in each beat. `serving`: its KMS answers and it takes calls. */
export const workerInfo = z.object({
  workerID,
  state: z.enum(['joining', 'serving', 'draining', 'drained', 'failed']),
  calls: z.int().min(0),
  capacity: z.number().positive(),
});
export type WorkerInfo = z.infer<typeof workerInfo>;

export const gatewayInfo = z.object({ gatewayID, sessions: z.int().min(0) });
export type GatewayInfo = z.infer<typeof gatewayInfo>;
