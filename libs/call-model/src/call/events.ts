/** What can happen to a Call. `v` is the version of the event's shape; `n` the call's version after it. */
import type {
  CallID,
  Device,
  DeviceEnding,
  Ending,
  LegID,
  MediaKind,
  Phase,
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
  | (Base<'MediaWanted'> & { readonly attempt: number; readonly exclude: readonly WorkerID[] })
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
  | (Base<'CallConnected'> & { readonly devices: readonly Device[]; readonly until: number })
  /** Its socket broke; `peer` is told. `device`: as it was on that socket, of which the Call may not have heard. */
  | (Base<'PartyAway'> & { readonly role: Role; readonly device: Device; readonly peer: Device | undefined })
  /** It has a new socket, and is told how the call is; `peer` hears that it is back. */
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
      readonly peer: Device | undefined;
    })
  /** A device of the callee came back, and rings or believes so. */
  | (Base<'ListenerHere'> & { readonly device: Device })
  /** Its connection is gone: it is asked for a new offer. */
  | (Base<'LegVoided'> & { readonly role: Role; readonly device: Device })
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
