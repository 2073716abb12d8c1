/** What a client is to be told, in no dialect yet. `seed.ts`, `native.ts` and `anonymous.ts` put it into frames. */
import type {
  CallID,
  Candidate,
  DeviceEnding,
  ErrorCode,
  IceServer,
  LegID,
  MediaKind,
  Phase,
  Presence,
  RenegotiationCause,
  Role,
  ServerMessage,
  SessionID,
  Shown,
  UserID,
} from '@switchboard/protocol';

/** `re`: the type of the message at fault, if it had one. */
export interface Fault {
  readonly kind: 'fault';
  readonly code: ErrorCode;
  readonly message: string;
  readonly re: string | undefined;
}

interface OfCall {
  readonly callID: CallID;
  readonly n: number;
}

export interface Welcome {
  readonly iceServers: IceServer[];
  readonly gateways: string[];
}

/** How a call is now. */
export interface CallNow {
  readonly phase: Phase;
  readonly role: Role;
  readonly peer: UserID;
  readonly media: MediaKind;
  /** Undefined: it has to be made anew. */
  readonly legID: LegID | undefined;
  readonly sdpAnswer: string | undefined;
  readonly peerAway: boolean;
  readonly peerShown: Shown;
  /** What this party itself sent last. */
  readonly ownShown: Shown | undefined;
  /** How long it has been connected; undefined: it is not, or nobody knows. */
  readonly connectedMs: number | undefined;
}

export interface SdpAnswer {
  readonly role: Role;
  readonly legID: LegID;
  readonly sdpAnswer: string;
  /** It answers a later offer of this call, not the first. */
  readonly renegotiated: boolean;
}

/** `callID`: the call that is alive, if any. */
export interface LoggedIn {
  readonly sessionID: SessionID;
  readonly graceMs: number;
  readonly callID: CallID | undefined;
  readonly welcome: Welcome;
}

export type Told =
  | Fault
  | ({ readonly kind: 'loggedIn' } & LoggedIn)
  | ({ readonly kind: 'incoming'; readonly callerID: UserID; readonly media: MediaKind } & OfCall)
  | ({ readonly kind: 'progress'; readonly phase: Phase } & OfCall)
  | ({ readonly kind: 'state' } & CallNow & OfCall)
  | ({ readonly kind: 'answer' } & SdpAnswer & OfCall)
  | { readonly kind: 'candidate'; readonly callID: CallID; readonly legID: LegID; readonly candidate: Candidate }
  | ({ readonly kind: 'renegotiate'; readonly cause: RenegotiationCause } & OfCall)
  | ({ readonly kind: 'peerState'; readonly state: 'reconnecting' | 'reconnected' } & OfCall)
  | ({ readonly kind: 'peerMedia'; readonly shown: Shown } & OfCall)
  | { readonly kind: 'presence'; readonly userID: UserID; readonly state: Presence }
  /** This gateway goes away. */
  | { readonly kind: 'reconnect'; readonly afterMs: number }
  | { readonly kind: 'pong' }
  /** `answered`: the client had its SDP answer before. */
  | ({ readonly kind: 'ended'; readonly role: Role; readonly answered: boolean } & OfCall & DeviceEnding);

/** Frames in the order in which they are written; none if this client is not to know. */
export type Dialect = (told: Told) => readonly ServerMessage[];

/** The text of `loginResponse {error}`. */
export function refusalText({ code, message }: Fault): string {
  return `${code}: ${message}`;
}
