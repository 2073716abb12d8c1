/** A session's machine with counters in place of chance, and words for what comes out of it. */
import type {
  CallID,
  Candidate,
  DeviceEnding,
  GatewayID,
  LegID,
  Role,
  ServerMessage,
  SessionID,
  UserID,
  WorkerID,
} from '@switchboard/protocol';
import { answerRef } from '@switchboard/protocol';
import type { Action, GatewayCommand, SessionMessage, World } from '../../src/session/actions.ts';
import { SessionMachine } from '../../src/session/machine.ts';
import { readMessage } from '../../src/session/read-message.ts';
import { uuidv7Generator } from '../../src/session/uuid.ts';

export const OFFER = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';
export const candidate: Candidate = {
  candidate: 'candidate:1 1 UDP 1 10.0.0.1 9 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
};
export const worker = 'worker-1' as WorkerID;

export function makeWorld(): World {
  let sessions = 0;
  const makeUuid = uuidv7Generator({ now: () => 1_700_000_000_000, randomBytes: (count) => new Uint8Array(count) });
  return {
    gateway: 'gw-1' as GatewayID,
    partitions: 32,
    welcome: { iceServers: [], gateways: ['https://localhost:8443'] },
    makeSessionID: () => `s${String(++sessions)}` as SessionID,
    makeUuid,
  };
}

type Body<T extends SessionMessage> = T extends unknown ? Omit<T, 'session' | 'connection'> : never;

type Snapshot = Omit<Body<Extract<SessionMessage, { type: 'Snapshot' }>>, 'type'>;
export const ANSWER = 'v=0 the answer';
/** The blob that travels beside an answer. */
export const withAnswer = (legID: LegID): Record<string, string> => ({ [answerRef(legID)]: ANSWER });

/** Drives one machine and keeps what it did. */
export class Driver {
  readonly machine = new SessionMachine(makeWorld());
  actions: Action[] = [];
  /** Which of its session's sockets this is. */
  connection = 1;

  /** Sends a client's message; returns the frames that answer it. */
  client(message: object | string): ServerMessage[] {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return this.take(this.machine.client(readMessage(text)));
  }

  mail(message: Body<SessionMessage>, blobs: Record<string, string> = {}): ServerMessage[] {
    const session = this.machine.identity?.session ?? ('none' as SessionID);
    const { connection } = this;
    return this.take(this.machine.mail({ ...message, session, connection } as SessionMessage, blobs));
  }

  /** Its Line takes the socket for a session of its own. */
  attach(extra: { callID?: CallID } = {}): ServerMessage[] {
    const as = this.machine.identity?.session ?? ('none' as SessionID);
    return this.mail({ type: 'Attached', as, resumed: false, graceMs: 30_000, ...extra });
  }

  failed(command: GatewayCommand, how: 'refused' | 'unknown'): ServerMessage[] {
    return this.take(this.machine.failed(command, how));
  }

  take(actions: Action[]): ServerMessage[] {
    this.actions = actions;
    return actions.flatMap((action) => (action.kind === 'frame' ? [action.message] : []));
  }

  /** Commands that the last input gave. */
  get commands(): GatewayCommand[] {
    return this.actions.flatMap((action) => (action.kind === 'command' ? [action.command] : []));
  }

  get candidates(): Candidate[] {
    return this.actions.flatMap((action) => (action.kind === 'candidate' ? [action.message.candidate] : []));
  }

  command<T extends GatewayCommand['type']>(type: T): Extract<GatewayCommand, { type: T }> {
    const found = this.commands.find((command) => command.type === type);
    if (found === undefined) throw new Error(`no ${type} among ${JSON.stringify(this.actions)}`);
    return found as Extract<GatewayCommand, { type: T }>;
  }

  login(who: 'seed' | 'native', userID = 'ann'): this {
    this.client({ type: 'login', userID, capabilities: who === 'native' ? ['native'] : [] });
    this.attach();
    return this;
  }

  /** Comes back as the second socket of the session `s0`; what its Line answers is left to the test. */
  askToResume(resume: object = {}): ServerMessage[] {
    const of = { sessionID: 's0', ...resume };
    return this.client({ type: 'login', userID: 'ann', capabilities: ['native'], resume: of });
  }

  /** Its Line knows the session that the client asked for. */
  resumed(callID?: CallID): ServerMessage[] {
    this.connection = 2;
    const call = callID === undefined ? {} : { callID };
    return this.mail({ type: 'Attached', as: 's0' as SessionID, resumed: true, graceMs: 30_000, ...call });
  }

  closed(code: number): GatewayCommand[] {
    this.take(this.machine.closed(code));
    return this.commands;
  }

  place(extra: object = {}): { callID: CallID; legID: LegID } {
    this.client({ type: 'call', callerID: 'ann', calleeID: 'bob', sdpOffer: OFFER, ...extra });
    const { callID, legID } = this.command('Place');
    return { callID, legID };
  }

  ring(callID = RINGING, callerID = 'bob'): ServerMessage[] {
    return this.mail({ type: 'Incoming', callID, n: 2, callerID: callerID as UserID, media: 'video' });
  }

  accept(extra: object = {}): LegID {
    this.client({ type: 'incomingCallResponse', callerID: 'bob', callResponse: 'accepted', sdpOffer: OFFER, ...extra });
    return this.command('Accept').legID;
  }

  route(callID: CallID, legID: LegID, attempt = 1): ServerMessage[] {
    return this.mail({ type: 'Route', callID, legID, attempt, workerID: worker });
  }

  answer(callID: CallID, legID: LegID, role: Role, renegotiated = false): ServerMessage[] {
    return this.mail({ type: 'Answer', callID, legID, n: 5, role, renegotiated }, withAnswer(legID));
  }

  /** How the call is: an answered caller's, in the words of `told`. */
  snapshot(told: Partial<Snapshot> = {}, blobs: Record<string, string> = {}): ServerMessage[] {
    const peer = 'bob' as UserID;
    const shown = { audio: true, video: true, screen: false };
    const now = { n: 7, phase: 'connecting', role: 'caller', media: 'video', answered: true, peerAway: false } as const;
    return this.mail({ type: 'Snapshot', callID: RINGING, ...now, peer, peerShown: shown, ...told }, blobs);
  }

  end(callID: CallID, role: Role, reason: DeviceEnding['reason'], answered = false): ServerMessage[] {
    return this.mail({ type: 'Ended', callID, n: 9, role, answered, reason, endedBy: 'system', phase: 'ringing' });
  }
}

export const RINGING = '3-018bcfe5-6800-7000-8000-000000000001' as CallID;
