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
  Role,
  ServerMessage,
  SessionID,
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
  readonly graceMs: number;
}

export type Told =
  | Fault
  | { readonly kind: 'loggedIn'; readonly sessionID: SessionID; readonly welcome: Welcome }
  | ({ readonly kind: 'incoming'; readonly callerID: UserID; readonly media: MediaKind } & OfCall)
  | ({ readonly kind: 'progress'; readonly phase: Phase } & OfCall)
  | ({ readonly kind: 'answer'; readonly role: Role; readonly legID: LegID; readonly sdpAnswer: string } & OfCall)
  | { readonly kind: 'candidate'; readonly callID: CallID; readonly legID: LegID; readonly candidate: Candidate }
  /** `answered`: the client had its SDP answer before. */
  | ({ readonly kind: 'ended'; readonly role: Role; readonly answered: boolean } & OfCall & DeviceEnding);

/** Frames in the order in which they are written; none if this client is not to know. */
export type Dialect = (told: Told) => readonly ServerMessage[];

/** The text of `loginResponse {error}`. */
export function refusalText({ code, message }: Fault): string {
  return `${code}: ${message}`;
}
