/**
 * Call: from placing to its one end.
 *
 *   inviting ──▶ ringing ──Accept──▶ connecting ──both legs up──▶ connected
 *       │           │                     │                          │
 *       └───────────┴──────────┬──────────┴──────────────────────────┘
 *                              ▼
 *                            ended  (a tombstone, then no record)
 *
 * Invariants: the first device to accept gets the call; a call ends once; no leg is joined to the other before the accept.
 */
import {
  answerRef,
  offerRef,
  type CallID,
  type Device,
  type Ending,
  type LegID,
  type MediaKind,
  type UserID,
  type WorkerID,
} from '@switchboard/protocol';

/** `offered`: the worker has the offer. `answered`: it made the answer. `delivered`: the party was told it. `connected`: ICE and DTLS are up. */
export type LegStage = 'offered' | 'answered' | 'delivered' | 'connected';

/** One side of the call, on one device. */
export interface Party {
  readonly userID: UserID;
  readonly device: Device;
  readonly legID: LegID;
  readonly leg: LegStage;
}

export interface Attempt {
  readonly attempt: number;
  readonly workerID: WorkerID;
}

export type Media =
  | { readonly kind: 'none' }
  | { readonly kind: 'wanted'; readonly attempt: number }
  | ({ readonly kind: 'placed' } & Attempt);

interface Common {
  readonly kind: 'call';
  readonly callID: CallID;
  /** The version that clients see; each event adds one. */
  readonly n: number;
}

interface Live extends Common {
  readonly caller: Party;
  readonly calleeID: UserID;
  readonly mediaKind: MediaKind;
  readonly media: Media;
  /** Every attempt that was placed and not yet confirmed released. */
  readonly attempts: readonly Attempt[];
  /** When this phase has lasted too long, ms of the store's time. */
  readonly until: number;
}

/** `alerted`: the callee's Line took the call. */
export type Ringing = Live & { readonly phase: 'inviting' | 'ringing'; readonly alerted: boolean };
export type Talking = Live & { readonly phase: 'connecting' | 'connected'; readonly callee: Party };
export type LiveCall = Ringing | Talking;

export interface EndedCall extends Common {
  readonly phase: 'ended';
  readonly ending: Ending;
  readonly attempts: readonly Attempt[];
  readonly forgetAt: number;
}

export type CallState = LiveCall | EndedCall;

export const isTalking = (call: CallState): call is Talking =>
  call.phase === 'connecting' || call.phase === 'connected';

/** Did this party get its answer? */
export const wasAnswered = (party: Party): boolean => party.leg === 'delivered' || party.leg === 'connected';

/** SDP that the call still needs. */
export function refsOf(call: CallState): readonly string[] {
  if (call.phase === 'ended') return [];
  const parties = isTalking(call) ? [call.caller, call.callee] : [call.caller];
  return parties.flatMap(({ leg, legID }) => {
    if (leg === 'connected') return [];
    return [leg === 'offered' ? offerRef(legID) : answerRef(legID)];
  });
}
