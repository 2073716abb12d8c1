/** What can happen to a Line. `v` is the version of the event's shape. */
import type { CallID, Device, Ending, LegID, MediaKind, SessionID, UserID } from '@switchboard/protocol';
import type { Summons } from './state.ts';

interface Base<Type extends string> {
  readonly v: 1;
  readonly type: Type;
  readonly userID: UserID;
}

export type LineEvent =
  | (Base<'DeviceAttached'> & { readonly device: Device })
  /** `left`: the call that lost its party with this device. */
  | (Base<'DeviceDetached'> & { readonly session: SessionID; readonly left: CallID | undefined })
  | (Base<'CallPlaced'> & {
      readonly callID: CallID;
      readonly device: Device;
      readonly calleeID: UserID;
      readonly media: MediaKind;
      readonly legID: LegID;
      readonly requestID: string | undefined;
      readonly checkAt: number;
    })
  | (Base<'PlaceRefused'> & { readonly callID: CallID; readonly device: Device; readonly reason: 'busy' | 'forbidden' })
  | (Base<'LineRang'> & Summons & { readonly devices: readonly Device[]; readonly checkAt: number })
  /** It logged in while the others ring already. */
  | (Base<'DeviceRang'> & Summons & { readonly device: Device })
  | (Base<'RingRefused'> & { readonly callID: CallID; readonly reason: 'busy' | 'unreachable' })
  /** One device got the call; `others` stop ringing. */
  | (Base<'LineAnswered'> & {
      readonly callID: CallID;
      readonly n: number;
      readonly session: SessionID;
      readonly others: readonly Device[];
    })
  /** The device that accepted had gone already. */
  | (Base<'AnswerMissed'> & { readonly callID: CallID; readonly n: number; readonly others: readonly Device[] })
  /** The user declined, cancelled or hung up on one device; `others` stop ringing. */
  | (Base<'LineStopped'> & { readonly callID: CallID; readonly n: number; readonly others: readonly Device[] })
  /** The call ended; `ringing` are told of it here, parties by the Call. */
  | (Base<'LineReleased'> & {
      readonly callID: CallID;
      readonly n: number;
      readonly ending: Ending;
      readonly ringing: readonly Device[];
    })
  | (Base<'LineChecked'> & { readonly callID: CallID; readonly checkAt: number });
