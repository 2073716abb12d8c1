/**
 * Commands: what is put into a partition's inbox. A Line (one per user) is named by `userID`, a Call by `callID`.
 * `session` and `connection` name the device that speaks; the Line drops what comes from any but its current connection.
 * SDP travels beside a command as a blob named by `offerRef` or `answerRef`.
 */
import { z } from 'zod';
import { capability } from './client-messages.ts';
import { callID, gatewayID, legID, sessionID, userID, workerID, type LegID } from './ids.ts';
import { deviceReason, endedBy, mediaKind, ownPresence, phase, reason, shown } from './reasons.ts';

/** The names under which a leg's SDP is kept beside its call. */
export const offerRef = (leg: LegID): string => `offer:${leg}`;
export const answerRef = (leg: LegID): string => `answer:${leg}`;

/** One session of a user, on the socket that it has now: each socket of a session has the next `connection`. */
export const device = z.object({
  session: sessionID,
  connection: z.int().min(1),
  gateway: gatewayID,
  deviceID: z.string().optional(),
  capabilities: z.array(capability),
});
export type Device = z.infer<typeof device>;

const n = z.int().min(0);
const attempt = z.int().min(1);
const speaker = { session: sessionID, connection: z.int().min(1) };
const type = <T extends string>(name: T) => z.literal(name);

export const lineCommand = z.discriminatedUnion('type', [
  // from gateways
  z.object({
    type: type('AttachDevice'),
    userID,
    /** Names the socket, and the session if none is resumed. */
    socket: sessionID,
    gateway: gatewayID,
    deviceID: z.string().optional(),
    capabilities: z.array(capability),
    resume: sessionID.optional(),
  }),
  /** A gateway has this device, whatever its Line knows: said when the partition may have forgotten it. */
  z.object({ type: type('DeviceHere'), userID, socket: sessionID, device }),
  /** `resumable`: it broke; else the client said goodbye, or is one that cannot come back. */
  z.object({ type: type('CloseSocket'), userID, socket: sessionID, resumable: z.boolean() }),
  z.object({ type: type('SetPresence'), userID, ...speaker, state: ownPresence }),
  /** A gateway wants to hear of this user's presence, once for all its clients; it is told at once. */
  z.object({ type: type('Watch'), userID, gateway: gatewayID }),
  z.object({ type: type('Unwatch'), userID, gateway: gatewayID }),
  z.object({
    type: type('Place'),
    userID,
    ...speaker,
    callID,
    calleeID: userID,
    media: mediaKind,
    legID,
    requestID: z.string().optional(),
  }),
  z.object({ type: type('Decline'), userID, ...speaker, callID }),
  z.object({ type: type('Stop'), userID, ...speaker, callID }),
  // from Calls
  /** `until`: when it rings out, ms of the store's time. */
  z.object({ type: type('Ring'), userID, callID, n, callerID: userID, media: mediaKind, until: z.number() }),
  z.object({ type: type('Answered'), userID, callID, n, session: sessionID }),
  z.object({ type: type('Release'), userID, callID, n, reason, endedBy, phase }),
  // from the partition's owner
  z.object({ type: type('GatewayLost'), userID, gateway: gatewayID }),
  z.object({ type: type('WakeLine'), userID }),
]);
export type LineCommand = z.infer<typeof lineCommand>;

export const callCommand = z.discriminatedUnion('type', [
  // from Lines
  z.object({
    type: type('StartCall'),
    callID,
    callerID: userID,
    calleeID: userID,
    device,
    media: mediaKind,
    legID,
    requestID: z.string().optional(),
  }),
  /** `waiting`: no device is there to ring yet. */
  z.object({ type: type('CalleeAlerted'), callID, waiting: z.boolean() }),
  z.object({ type: type('CalleeRefused'), callID, reason: z.enum(['busy', 'unreachable']) }),
  z.object({ type: type('PartyStopped'), callID, userID }),
  z.object({ type: type('PartyLeft'), callID, userID }),
  /** The device's socket broke; it may come back within the grace time. */
  z.object({ type: type('PartyAway'), callID, userID, ...speaker }),
  /** Lost a glare: both parties are in that other call. */
  z.object({ type: type('Supersede'), callID, by: callID }),
  z.object({ type: type('AskCall'), callID, userID }),
  // from gateways
  z.object({ type: type('DeviceRinging'), callID, userID, ...speaker }),
  z.object({ type: type('Accept'), callID, userID, device, legID }),
  /** A device has a new socket, and believes that it is in this call. `fresh`: its leg is void. */
  z.object({ type: type('PartyHere'), callID, userID, device, fresh: z.boolean() }),
  z.object({ type: type('Renegotiate'), callID, userID, device, legID }),
  z.object({ type: type('ShowMedia'), callID, userID, ...speaker, ...shown.shape }),
  // from workers
  z.object({ type: type('LegAnswered'), callID, attempt, workerID, legID }),
  z.object({ type: type('LegConnected'), callID, attempt, workerID, legID }),
  z.object({
    type: type('MediaFailed'),
    callID,
    attempt,
    workerID,
    cause: z.enum(['setup_failed', 'media_server_lost', 'no_capacity']),
  }),
  z.object({ type: type('AttemptReleased'), callID, attempt, workerID }),
  // from the partition's owner
  z.object({ type: type('WorkerChosen'), callID, attempt, workerID: workerID.optional() }),
  z.object({ type: type('WorkerLost'), callID, workerID }),
  z.object({ type: type('WakeCall'), callID }),
]);
export type CallCommand = z.infer<typeof callCommand>;

export const command = z.union([lineCommand, callCommand]);
export type Command = LineCommand | CallCommand;

const lineTypes = new Set<string>(lineCommand.options.map((option) => option.shape.type.value));
/** Is it for a Line (named by `userID`), or for a Call (named by `callID`)? */
export const isLineCommand = (some: Command): some is LineCommand => lineTypes.has(some.type);

/** The end of a call: one reason, for everybody. */
export const ending = z.object({ reason, endedBy, phase });
export type Ending = z.infer<typeof ending>;

/** What one device is told of a call that is over for it; the call itself may go on elsewhere. */
export const deviceEnding = z.object({ reason: z.union([reason, deviceReason]), endedBy, phase });
export type DeviceEnding = z.infer<typeof deviceEnding>;
