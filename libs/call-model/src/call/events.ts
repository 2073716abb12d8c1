/** What can happen to a Call. `v` is the version of the event's shape; `n` the call's version after it. */
import type {
  CallID,
  Device,
  DeviceEnding,
  Ending,
  LegID,
  MediaKind,
  Role,
  UserID,
  WorkerID,
} from '@switchboard/protocol';
import type { Attempt, Party } from './state.ts';

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
  | Base<'CalleeTookCall'>
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
  /** `deliver`: the party is told its answer at once. */
  | (Base<'LegAnswered'> & {
      readonly role: Role;
      readonly legID: LegID;
      readonly device: Device;
      readonly deliver: boolean;
    })
  | (Base<'LegConnected'> & { readonly role: Role })
  | (Base<'CallConnected'> & { readonly devices: readonly Device[]; readonly until: number })
  | (Base<'CallEnded'> & {
      readonly ending: Ending;
      readonly parties: readonly Farewell[];
      readonly lines: readonly UserID[];
      readonly attempts: readonly Attempt[];
      readonly forgetAt: number;
    })
  | (Base<'AttemptReleased'> & Attempt)
  | Base<'CallForgotten'>
  // The call is as it was; somebody is told so.
  | (Base<'AcceptRefused'> & { readonly device: Device; readonly ending: DeviceEnding })
  | (Base<'StrayAttempt'> & Attempt)
  | (Base<'LineTold'> & { readonly userID: UserID; readonly ending: Ending });
