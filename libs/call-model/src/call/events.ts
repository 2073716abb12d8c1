/**
 * What can happen to a Call. `n` is the call's version after it. `v` is the version of an event's meaning: a field that is added
 * is optional and has its default where it is read, and `v` stays; it rises when a field comes to mean something else.
 */
import type {
  CallID,
  Device,
  DeviceEnding,
  Ending,
  LegID,
  MediaKind,
  Phase,
  RenegotiationCause,
  Role,
  Shown,
  UserID,
  WorkerID,
} from '@switchboard/protocol';
import type { Attempt, LegStage, Party } from './state.ts';

interface Base<Type extends string> {
  readonly v: 1;
  readonly type: Type;
  readonly callID: CallID;
  readonly n: number;
}

/** A leg to be made ready on a worker. */
export interface LegPlan {
  readonly role: Role;
  readonly legID: LegID;
  readonly device: Device;
}

/** A party as it is told of the end. `tell` is false for the one who ended it or is gone. */
export interface Farewell {
  readonly role: Role;
  readonly device: Device;
  readonly answered: boolean;
  readonly tell: boolean;
}

export type CallEvent =
  | (Base<'CallStarted'> & {
      readonly caller: Party;
      readonly calleeID: UserID;
      readonly media: MediaKind;
      readonly requestID: string | undefined;
      readonly until: number;
    })
  /** `waiting`: no device rings yet. */
  | (Base<'CalleeTookCall'> & { readonly waiting: boolean })
  /**
   * `exclude`: those that refused the call in this round, and the one that was `lost` with the call's media on it, which is made
   * anew. `instead`: the attempt before, to be released. `until`: when media is to be back; undefined: that stays as it is.
   */
  | (Base<'MediaWanted'> & {
      readonly attempt: number;
      readonly exclude: readonly WorkerID[];
      readonly lost?: WorkerID | undefined;
      readonly instead?: Attempt | undefined;
      readonly until?: number | undefined;
    })
  /** `join`: the callee has accepted already. */
  | (Base<'AttemptPlaced'> &
      Attempt & { readonly media: MediaKind; readonly legs: readonly LegPlan[]; readonly join: boolean })
  | (Base<'CallRinging'> & { readonly device: Device })
  | (Base<'CallAccepted'> & {
      readonly caller: Party;
      readonly callee: Party;
      readonly media: MediaKind;
      readonly placed: Attempt | undefined;
      readonly until: number;
    })
  /** `deliver`: the party is told its answer at once. `renegotiated`: it is not the party's first leg. */
  | (Base<'LegAnswered'> & {
      readonly role: Role;
      readonly legID: LegID;
      readonly device: Device;
      readonly deliver: boolean;
      readonly renegotiated: boolean;
    })
  | (Base<'LegConnected'> & { readonly role: Role })
  /** `at`: now, in the store's time. */
  | (Base<'CallConnected'> & { readonly devices: readonly Device[]; readonly until: number; readonly at?: number })
  /**
   * Its socket broke; `peer` is told. `device`: as it was on that socket, of which the Call may not have heard. `until`: when
   * media is to be there; undefined: that stays as it is.
   */
  | (Base<'PartyAway'> & {
      readonly role: Role;
      readonly device: Device;
      readonly peer: Device | undefined;
      readonly until?: number | undefined;
    })
  /** It has a new socket, and is told how the call is; `peer` hears that it is back. `until`: as above. */
  | (Base<'PartyMoved'> & {
      readonly role: Role;
      readonly device: Device;
      readonly phase: Phase;
      readonly peerID: UserID;
      readonly media: MediaKind;
      readonly legID: LegID;
      readonly leg: LegStage;
      readonly placed: Attempt | undefined;
      readonly peerAway: boolean;
      readonly peerShown: Shown;
      readonly ownShown?: Shown;
      readonly connectedMs?: number | undefined;
      readonly peer: Device | undefined;
      readonly until?: number | undefined;
    })
  /** A device of the callee came back, and rings or believes so. */
  | (Base<'ListenerHere'> & { readonly device: Device })
  /** Its connection is gone: it is asked for a new offer. */
  | (Base<'LegVoided'> & { readonly role: Role; readonly device: Device; readonly cause?: RenegotiationCause })
  /** The new offer. `join`: the callee has accepted already. */
  | (Base<'LegReplaced'> & {
      readonly role: Role;
      readonly device: Device;
      readonly legID: LegID;
      readonly media: MediaKind;
      readonly placed: Attempt | undefined;
      readonly join: boolean;
    })
  | (Base<'MediaShown'> & { readonly role: Role; readonly shown: Shown; readonly peer: Device | undefined })
  | (Base<'CallEnded'> & {
      readonly ending: Ending;
      readonly winner: CallID | undefined;
      readonly parties: readonly Farewell[];
      readonly lines: readonly UserID[];
      readonly attempts: readonly Attempt[];
      readonly forgetAt: number;
    })
  | (Base<'AttemptReleased'> & Attempt)
  | Base<'CallForgotten'>
  // The call is as it was; somebody is told so.
  | (Base<'DeviceRefused'> & { readonly device: Device; readonly ending: DeviceEnding })
  /** This call lost a glare; the device is in the winner. */
  | (Base<'DeviceMerged'> & { readonly device: Device; readonly into: CallID; readonly peer: UserID })
  | (Base<'StrayAttempt'> & Attempt)
  | (Base<'LineTold'> & { readonly userID: UserID; readonly ending: Ending });

/** Those that change nothing. */
export type Remark = Extract<CallEvent, { type: 'DeviceRefused' | 'DeviceMerged' | 'StrayAttempt' | 'LineTold' }>;
