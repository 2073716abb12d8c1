/** A session's machine with counters in place of chance, and words for what comes out of it. */
import type {
  CallID,
  Candidate,
  DeviceEnding,
  GatewayID,
  GatewayMessage,
  LegID,
  Role,
  ServerMessage,
  SessionID,
  UserID,
  WorkerID,
} from '@switchboard/protocol';
import { answerRef } from '@switchboard/protocol';
import type { Action, GatewayCommand, World } from '../../src/session/actions.ts';
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

function makeWorld(): World {
  let sessions = 0;
  const makeUuid = uuidv7Generator({ now: () => 1_700_000_000_000, randomBytes: (count) => new Uint8Array(count) });
  return {
    gateway: 'gw-1' as GatewayID,
    partitions: 32,
    welcome: { iceServers: [], gateways: ['https://localhost:8443'], graceMs: 0 },
    makeSessionID: () => `s${String(++sessions)}` as SessionID,
    makeUuid,
  };
}

type Body<T extends GatewayMessage> = T extends unknown ? Omit<T, 'session' | 'connection'> : never;

/** Drives one machine and keeps what it did. */
export class Driver {
  readonly machine = new SessionMachine(makeWorld());
  actions: Action[] = [];

  /** Sends a client's message; returns the frames that answer it. */
  client(message: object | string): ServerMessage[] {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return this.take(this.machine.client(readMessage(text)));
  }

  mail(message: Body<GatewayMessage>, blobs: Record<string, string> = {}): ServerMessage[] {
    const session = this.machine.identity?.session ?? ('none' as SessionID);
    return this.take(this.machine.mail({ ...message, session, connection: 1 } as GatewayMessage, blobs));
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
    this.mail({ type: 'Attached' });
    return this;
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

  answer(callID: CallID, legID: LegID, role: Role): ServerMessage[] {
    return this.mail({ type: 'Answer', callID, legID, n: 5, role }, { [answerRef(legID)]: 'v=0 the answer' });
  }

  end(callID: CallID, role: Role, reason: DeviceEnding['reason'], answered = false): ServerMessage[] {
    return this.mail({ type: 'Ended', callID, n: 9, role, answered, reason, endedBy: 'system', phase: 'ringing' });
  }
}

export const RINGING = '3-018bcfe5-6800-7000-8000-000000000001' as CallID;
