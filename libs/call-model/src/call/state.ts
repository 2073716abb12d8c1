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
  type Role,
  type Shown,
  type UserID,
  type WorkerID,
} from '@switchboard/protocol';

/**
 * `void`: its connection is gone, a new offer was asked for. `offered`: the worker has the offer. `answered`: it made the
 * answer. `delivered`: the party was told it. `connected`: ICE and DTLS are up.
 */
export type LegStage = 'void' | 'offered' | 'answered' | 'delivered' | 'connected';

/** One side of the call, on one device. */
export interface Party {
  readonly userID: UserID;
  readonly device: Device;
  readonly legID: LegID;
  readonly leg: LegStage;
  /** Which of this party's offers in this call `legID` is, from 1. */
  readonly offers: number;
  /** `away`: its socket broke, and the grace time runs. */
  readonly link: 'here' | 'away';
  /** It was told how the call is since it is in it. */
  readonly asked: boolean;
  readonly shown: Shown;
}

export interface Attempt {
  readonly attempt: number;
  readonly workerID: WorkerID;
}

/** One search for a worker. */
interface Round {
  /** Workers that are not asked (again). */
  readonly passed?: readonly WorkerID[] | undefined;
  /** The one of them that had the call's media and lost it: the call is being rebuilt, until both legs are connected again. */
  readonly lost?: WorkerID | undefined;
}

export type Placed = { readonly kind: 'placed' } & Attempt & Round;
export type Media =
  { readonly kind: 'none' } | ({ readonly kind: 'wanted'; readonly attempt: number } & Round) | Placed;

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

/** What the callee's Line said: nothing yet, that it took the call and waits for a device, or that devices were told to ring. */
export type Summoned = 'asked' | 'waiting' | 'alerted';

export type Ringing = Live & {
  readonly phase: 'inviting' | 'ringing';
  readonly summoned: Summoned;
  /** Devices of the callee that came back and asked. Their Line tells them, unless it is out of this call already. */
  readonly listeners: readonly Device[];
};
type Connecting = Live & { readonly phase: 'connecting'; readonly callee: Party };
type Connected = Live & {
  readonly phase: 'connected';
  readonly callee: Party;
  /** Ms of the store's time; unknown of calls that an older version connected. */
  readonly since?: number | undefined;
  /** Its media was lost, and is to be back by then; undefined: it is there. */
  readonly rebuildUntil?: number | undefined;
};
export type Talking = Connecting | Connected;
export type LiveCall = Ringing | Talking;

export interface EndedCall extends Common {
  readonly phase: 'ended';
  /** Caller and callee. */
  readonly users: readonly UserID[];
  readonly ending: Ending;
  /** The call that both parties are in since this one lost a glare. */
  readonly winner: CallID | undefined;
  readonly attempts: readonly Attempt[];
  readonly forgetAt: number;
}

export type CallState = LiveCall | EndedCall;

export const isTalking = (call: CallState): call is Talking =>
  call.phase === 'connecting' || call.phase === 'connected';

/** Did this party get its answer? */
export const wasAnswered = ({ leg }: Party): boolean => leg === 'delivered' || leg === 'connected';

/** What a party sends before it says otherwise. */
export const shownAtFirst = (media: MediaKind): Shown => ({ audio: true, video: media === 'video', screen: false });

/** Both legs are not connected yet, or not again. */
export const isSettingUp = (call: LiveCall): boolean =>
  call.phase === 'connecting' || (call.phase === 'connected' && call.rebuildUntil !== undefined);

/** Its media was lost, and is not back. */
export const isRebuilt = ({ media }: LiveCall): boolean => media.kind !== 'none' && media.lost !== undefined;

/** When something is due. */
export const deadlineOf = (call: LiveCall): number =>
  call.phase === 'connected' ? Math.min(call.until, call.rebuildUntil ?? Infinity) : call.until;

/** Where its media is; undefined while no worker was chosen. */
export function placementOf({ media }: LiveCall): Attempt | undefined {
  return media.kind === 'placed' ? { attempt: media.attempt, workerID: media.workerID } : undefined;
}

/** One side, or both once the callee accepted. */
export function sidesOf(call: LiveCall): readonly Side[] {
  const caller: Side = { role: 'caller', party: call.caller };
  return isTalking(call) ? [caller, { role: 'callee', party: call.callee }] : [caller];
}

export interface Side {
  readonly role: Role;
  readonly party: Party;
}

/** The party whose leg this is, or was. */
export function partyOfLeg(call: LiveCall, legID: string): Side | undefined {
  return sidesOf(call).find(({ party }) => party.legID === legID);
}

export function partyOfUser(call: LiveCall, userID: UserID): Side | undefined {
  return sidesOf(call).find(({ party }) => party.userID === userID);
}

/** Who is on the other side; undefined while nobody accepted. */
export function peerOf(call: LiveCall, role: Role): Party | undefined {
  if (role === 'callee') return call.caller;
  return isTalking(call) ? call.callee : undefined;
}

/** SDP that the call still needs. */
export function refsOf(call: CallState): readonly string[] {
  if (call.phase === 'ended') return [];
  return sidesOf(call).flatMap(({ party: { leg, legID } }) => {
    if (leg === 'connected' || leg === 'void') return [];
    return [leg === 'offered' ? offerRef(legID) : answerRef(legID)];
  });
}
