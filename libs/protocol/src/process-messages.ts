/**
 * Messages to processes. A gateway gets what its devices are to be told, in words of the call model; it writes them in the
 * client's own dialect. A worker gets what to do with the legs of one media attempt.
 */
import { z } from 'zod';
import { candidate } from './client-messages.ts';
import { deviceEnding } from './commands.ts';
import { callID, gatewayID, legID, sessionID, userID, workerID } from './ids.ts';
import { mediaKind, phase } from './reasons.ts';

const n = z.int().min(0);
const attempt = z.int().min(1);
const to = { session: sessionID, connection: z.int().min(1) };
const role = z.enum(['caller', 'callee']);
export type Role = z.infer<typeof role>;
const type = <T extends string>(name: T) => z.literal(name);

export const gatewayMessage = z.discriminatedUnion('type', [
  z.object({ type: type('Attached'), ...to }),
  z.object({ type: type('Incoming'), ...to, callID, n, callerID: userID, media: mediaKind }),
  z.object({ type: type('Progress'), ...to, callID, n, phase }),
  /** Where the candidates of this leg go. */
  z.object({ type: type('Route'), ...to, callID, attempt, workerID, legID }),
  /** The blob `answerRef(legID)` is the SDP answer: `callResponse accepted` or `startCommunication`. */
  z.object({ type: type('Answer'), ...to, callID, n, role, legID }),
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
  /** The blob `offerRef(legID)` is the SDP offer. Prepared, not connected: no media flows. */
  z.object({ type: type('PrepareLeg'), callID, attempt, party: role, legID, media: mediaKind, owner: legOwner }),
  /** The callee accepted: connect these legs to each other as soon as both are there. */
  z.object({ type: type('JoinLegs'), callID, attempt, callerLeg: legID, calleeLeg: legID }),
  z.object({ type: type('ReleaseCall'), callID, attempt }),
  /** From a gateway. */
  z.object({ type: type('RemoteCandidate'), callID, attempt, legID, candidate }),
]);
export type WorkerMessage = z.infer<typeof workerMessage>;

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
