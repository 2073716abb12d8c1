/** What can happen to a Line. `v` is the version of the event's shape. */
import type {
  CallID,
  Device,
  Ending,
  GatewayID,
  LegID,
  MediaKind,
  OwnPresence,
  Presence,
  SessionID,
  UserID,
} from '@switchboard/protocol';
import type { HeldRing, Summons } from './state.ts';

interface Base<Type extends string> {
  readonly v: 1;
  readonly type: Type;
  readonly userID: UserID;
}

/** A call taken by the device that had placed another one: `placed` is, from now on, `callID`. */
interface Taken {
  readonly placed: CallID;
  readonly callID: CallID;
  readonly callerID: UserID;
  readonly device: Device;
  readonly legID: LegID;
}

/** The Line may be free after it: the request of its call is remembered until then. */
interface Freed {
  readonly forgetAt: number;
}

export type LineEvent =
  /** `engagedIn`: a session that is resumed is in this call. `before`: the socket that it takes the session from. */
  | (Base<'DeviceAttached'> & {
      readonly device: Device;
      readonly socket: SessionID;
      readonly resumed: boolean;
      readonly before: Device | undefined;
      readonly engagedIn: CallID | undefined;
      readonly graceMs: number;
    })
  /** Its socket broke. `awayFrom`: the call whose party it is. */
  | (Base<'DeviceDropped'> & {
      readonly device: Device;
      readonly until: number;
      readonly awayFrom: CallID | undefined;
    })
  /** `left`: the call that lost its party with this device. */
  | (Base<'DeviceDetached'> &
      Freed & {
        readonly session: SessionID;
        readonly left: CallID | undefined;
      })
  | (Base<'CallPlaced'> & {
      readonly callID: CallID;
      readonly device: Device;
      readonly calleeID: UserID;
      readonly media: MediaKind;
      readonly legID: LegID;
      readonly requestID: string | undefined;
      readonly ringUntil: number;
      readonly checkAt: number;
    })
  | (Base<'PlaceRefused'> & { readonly callID: CallID; readonly device: Device; readonly reason: 'busy' | 'forbidden' })
  /** The same request was made before: it is that call. */
  | (Base<'PlaceRepeated'> & {
      readonly callID: CallID;
      readonly into: CallID;
      readonly peer: UserID;
      readonly device: Device;
    })
  /** Whoever calls the one who rings here accepts his call; as with any accept, the Call says who was first. */
  | (Base<'CalledBack'> & Taken & { readonly requestID: string | undefined })
  /** Each called the other, and the other's call has the lower ID: it wins, and the device that placed ours is in it. */
  | (Base<'GlareLost'> & Taken & { readonly checkAt: number })
  /** Each called the other, and ours wins; or ours is over there, and not yet here. */
  | (Base<'RingHeld'> & HeldRing)
  | (Base<'HeldRingOver'> & { readonly callID: CallID })
  /** `devices`: those that hear it now. `sessions`: all that ring, as soon as they are back. */
  | (Base<'LineRang'> &
      Summons & {
        readonly devices: readonly Device[];
        readonly sessions: readonly SessionID[];
        readonly ringUntil: number;
        readonly waits: boolean;
        readonly checkAt: number;
      })
  /** It logged in, or came back, while the user is being called. */
  | (Base<'DeviceRang'> & Summons & { readonly device: Device })
  | (Base<'RingRefused'> & { readonly callID: CallID; readonly reason: 'busy' | 'unreachable' })
  /**
   * One device got the call; `others` stop ringing. `away`: its socket is broken just now. `moved`: it has another socket than
   * at first, of which the Call may not have heard.
   */
  | (Base<'LineAnswered'> & {
      readonly callID: CallID;
      readonly n: number;
      readonly session: SessionID;
      readonly others: readonly Device[];
      readonly away: Device | undefined;
      readonly moved: Device | undefined;
    })
  /** The call that this user placed was accepted. */
  | (Base<'RingOver'> & { readonly callID: CallID })
  /** The device that accepted had gone already. */
  | (Base<'AnswerMissed'> & { readonly callID: CallID; readonly n: number; readonly others: readonly Device[] })
  /** The user declined, cancelled or hung up on one device; `others` stop ringing. */
  | (Base<'LineStopped'> & Freed & { readonly callID: CallID; readonly n: number; readonly others: readonly Device[] })
  /** The call ended; `ringing` are told of it here, parties by the Call. */
  | (Base<'LineReleased'> &
      Freed & {
        readonly callID: CallID;
        readonly n: number;
        readonly ending: Ending;
        readonly ringing: readonly Device[];
      })
  | (Base<'LineChecked'> & { readonly callID: CallID; readonly checkAt: number })
  | (Base<'RequestForgotten'> & { readonly requestID: string })
  | (Base<'PresenceSet'> & { readonly session: SessionID; readonly says: OwnPresence })
  | (Base<'WatcherAdded'> & { readonly gateway: GatewayID; readonly state: Presence })
  | (Base<'WatcherRemoved'> & { readonly gateway: GatewayID })
  /** Others see this user otherwise than before. */
  | (Base<'PresenceChanged'> & { readonly state: Presence; readonly watchers: readonly GatewayID[] });
