/** What the session's state machine wants done. Its shell does it, in this order. */
import type {
  CallCommand,
  GatewayID,
  GatewayMessage,
  LineCommand,
  ServerMessage,
  SessionID,
  UserID,
  WorkerID,
  WorkerMessage,
} from '@switchboard/protocol';
import type { Welcome } from '../dialect/index.ts';

/** What a gateway may say to a Line or a Call. */
export type GatewayCommand =
  | Extract<LineCommand, { type: 'AttachDevice' | 'DeviceHere' | 'CloseSocket' | 'Place' | 'Decline' | 'Stop' }>
  | Extract<LineCommand, { type: 'SetPresence' | 'Watch' | 'Unwatch' }>
  | Extract<CallCommand, { type: 'DeviceRinging' | 'Accept' | 'PartyHere' | 'Renegotiate' | 'ShowMedia' }>;

/** What is said to one session, and not to the gateway as a whole. */
export type SessionMessage = Extract<GatewayMessage, { session: SessionID }>;

export interface CommandAction {
  readonly kind: 'command';
  readonly command: GatewayCommand;
  readonly blobs?: Readonly<Record<string, string>>;
}

/** `ignored`: a message that its sender is told nothing about. */
export type Counted = 'candidate_dropped' | 'message_refused' | 'message_ignored' | 'mail_dropped';

export type Action =
  /** `written`: to be sent once the frame has left. */
  | { readonly kind: 'frame'; readonly message: ServerMessage; readonly written?: CommandAction }
  | CommandAction
  | {
      readonly kind: 'candidate';
      readonly worker: WorkerID;
      readonly message: Extract<WorkerMessage, { type: 'RemoteCandidate' }>;
    }
  /** Whom this session watches from now on. */
  | { readonly kind: 'watch'; readonly userIDs: readonly UserID[] }
  /** The last action of a session. */
  | { readonly kind: 'close'; readonly why: 'takenOver' }
  | { readonly kind: 'count'; readonly what: Counted; readonly code?: string };

/** What became of a command that was not acknowledged: surely not taken, or nobody knows. */
export type Failure = 'refused' | 'unknown';

/** What a session knows of the world; random and clock stand behind the makers. */
export interface World {
  readonly gateway: GatewayID;
  readonly partitions: number;
  readonly welcome: Welcome;
  /** Names a socket that logs in, and its session if none is resumed. */
  readonly makeSessionID: () => SessionID;
  readonly makeUuid: () => string;
}
