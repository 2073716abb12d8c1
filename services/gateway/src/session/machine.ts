/**
 * The state machine of one socket's session: no I/O, clock or chance (they stand behind `World`). Every input returns what
 * is to be done, in order. Never throws.
 *
 *   anonymous ──login──────────────> member ──close, taken over──> closed
 *       │  └──login, resume──> resuming ──┘ Attached
 *       └──────────────close────────┴───────────────────────────────┘
 *
 * A login that was not taken leads back to `anonymous`.
 */
import type { CallID, ClientMessage, Presence, SessionID, UserID } from '@switchboard/protocol';
import { anonymous, native, type Dialect, type Fault } from '../dialect/index.ts';
import type { Action, Failure, GatewayCommand, SessionMessage, World } from './actions.ts';
import { fromClient } from './from-client.ts';
import { fromMail, type Blobs } from './from-mail.ts';
import { command, dropped, Member, refusal, speaksNative, stopCommand, type Who } from './member.ts';
import type { Read } from './read-message.ts';
import { reconcile } from './reconcile.ts';
import { attachCommand, resumed, resumeOf, type Resuming } from './resume.ts';

export type Login = Extract<ClientMessage, { type: 'login' }>;
/** The message of a client that its command came from; undefined: nobody waits for it. */
const SOURCE: Readonly<Record<GatewayCommand['type'], ClientMessage['type'] | undefined>> = {
  AttachDevice: 'login',
  DeviceHere: undefined,
  CloseSocket: undefined,
  Place: 'call',
  Accept: 'incomingCallResponse',
  Decline: 'incomingCallResponse',
  DeviceRinging: 'ringing',
  Stop: 'stop',
  SetPresence: 'setPresence',
  Watch: undefined,
  Unwatch: undefined,
  PartyHere: undefined,
  Renegotiate: 'renegotiate',
  ShowMedia: 'mediaState',
};
/** What a client closes with that does not mean to come back. */
const GOODBYE = 1000;

type State =
  | { readonly kind: 'anonymous' }
  | Resuming
  | { readonly kind: 'member'; readonly member: Member }
  | { readonly kind: 'closed' };

export class SessionMachine {
  readonly #world: World;
  #state: State = { kind: 'anonymous' };

  constructor(world: World) {
    this.#world = world;
  }

  /** Who is logged in here, if anybody. `session`: how mail names it, the socket itself until its Line has said more. */
  get identity(): { readonly userID: UserID; readonly session: SessionID } | undefined {
    const state = this.#state;
    if (state.kind === 'member') return state.member;
    return state.kind === 'resuming' ? { userID: state.who.userID, session: state.socket } : undefined;
  }

  /** Can its client go on elsewhere? */
  get isNative(): boolean {
    return this.#dialect() === native;
  }

  /** How much this session keeps, for tests of bounds. */
  get held(): { readonly calls: number; readonly legs: number } {
    if (this.#state.kind !== 'member') return { calls: 0, legs: 0 };
    const { calls } = this.#state.member;
    return { calls: calls.size, legs: calls.legs.size };
  }

  /** Any message but a login that is granted: that takes `login`. */
  client(read: Read): Action[] {
    const { kind } = this.#state;
    if (kind === 'closed') return [];
    if (read.kind === 'fault') return this.refuse(read);
    const { message } = read;
    if (message.type === 'login') return this.login(message);
    if (this.#state.kind === 'member') return fromClient(this.#state.member, message, this.#world);
    return this.refuse({ ...(kind === 'resuming' ? notResumed : notLoggedIn), re: message.type });
  }

  /** The user is who he says he is. */
  login(login: Login): Action[] {
    const { kind } = this.#state;
    if (kind === 'closed') return [];
    if (kind !== 'anonymous') return this.refuse(alreadyLoggedIn);
    const { userID, capabilities, deviceID } = login;
    const who: Who = { userID, capabilities, deviceID };
    const socket = this.#world.makeSessionID();
    const resume = resumeOf(who, login.resume);
    this.#state = resume
      ? { kind: 'resuming', who, socket, resume }
      : { kind: 'member', member: new Member(who, socket) };
    return [attachCommand({ who, socket, resume }, this.#world)];
  }

  /** The login's user is not taken for who he says he is. A native client must not take an outage for a refusal. */
  refuseLogin(login: Login, fault: Fault): Action[] {
    const outage = fault.code === 'service_unavailable' && speaksNative(login);
    return this.#state.kind === 'anonymous' ? refusal(outage ? native : anonymous, fault) : this.refuse(fault);
  }

  /** Something of the client was refused outside of this machine. */
  refuse(fault: Fault): Action[] {
    return this.#state.kind === 'closed' ? [] : refusal(this.#dialect(), fault);
  }

  mail(message: SessionMessage, blobs: Blobs): Action[] {
    const state = this.#state;
    if (state.kind === 'resuming') return this.#resume(state, message);
    if (state.kind !== 'member' || !state.member.isAddressed(message)) return dropped();
    if (message.type !== 'TakenOver') return fromMail(state.member, { message, blobs }, this.#world);
    this.#state = { kind: 'closed' };
    return [{ kind: 'close', why: 'takenOver' }];
  }

  /** Somebody whom this session watches. */
  presence(userID: UserID, state: Presence): Action[] {
    return this.#state.kind === 'member' ? this.#state.member.tell({ kind: 'presence', userID, state }) : [];
  }

  /** This gateway goes away: a native client connects to another one after `afterMs`. */
  sendAway(afterMs: number): Action[] {
    return this.#state.kind === 'member' ? this.#state.member.tell({ kind: 'reconnect', afterMs }) : [];
  }

  /** This partition of the log lost its last writes. */
  reconcile(partition: number): Action[] {
    return this.#state.kind === 'member' ? reconcile(this.#state.member, partition, this.#world) : [];
  }

  /** A command was not acknowledged in time, or not taken at all. */
  failed(which: GatewayCommand, how: Failure): Action[] {
    const { kind } = this.#state;
    if (kind === 'anonymous' || kind === 'closed') return [];
    const dialect = this.#dialect();
    const repair = this.#repair(which, how);
    const source = SOURCE[which.type];
    // A login of which nobody knows is still on its way, and a seed client understands nothing but its refusal.
    const pending = which.type === 'AttachDevice' && how === 'unknown' && dialect !== native;
    if (source === undefined || pending) return repair;
    return [...repair, ...refusal(dialect, unavailable(source))];
  }

  /** The socket is gone. Whoever can come back may, unless he took his leave. */
  closed(code: number): Action[] {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind !== 'member' && state.kind !== 'resuming') return [];
    const { who, socket } = state.kind === 'member' ? state.member : state;
    const resumable = speaksNative(who) && code !== GOODBYE;
    return [command({ type: 'CloseSocket', userID: who.userID, socket, resumable })];
  }

  #resume(state: Resuming, message: SessionMessage): Action[] {
    if (message.type !== 'Attached' || message.session !== state.socket) return dropped();
    const [member, actions] = resumed(state, message, this.#world);
    this.#state = { kind: 'member', member };
    return actions;
  }

  #repair(which: GatewayCommand, how: Failure): Action[] {
    if (which.type === 'AttachDevice' && how === 'refused') this.#state = { kind: 'anonymous' };
    if (this.#state.kind !== 'member') return [];
    const { member } = this.#state;
    switch (which.type) {
      case 'Place':
        return this.#unplace(member, which.callID, how);
      case 'Accept':
        member.calls.unaccept(which.callID, which.legID, how === 'unknown');
        return [];
      case 'Renegotiate':
        if (how === 'refused') member.calls.legs.retract(which.legID);
        return [];
      default:
        return [];
    }
  }

  /** The client hears that its call failed: it must not ring on, whether it was taken or not, and whatever became of it. */
  #unplace(member: Member, placed: CallID, how: Failure): Action[] {
    const known = member.calls.find(placed);
    if (known === undefined) return [];
    member.calls.drop(known.callID);
    return how === 'refused' ? [] : [stopCommand(member, known.callID)];
  }

  #dialect(): Dialect {
    switch (this.#state.kind) {
      case 'member':
        return this.#state.member.dialect;
      // Nobody else can resume.
      case 'resuming':
        return native;
      default:
        return anonymous;
    }
  }
}

/** The log cannot be reached. */
export function unavailable(re: string, message = 'the service is not reachable just now'): Fault {
  return { kind: 'fault', code: 'service_unavailable', message, re };
}

const alreadyLoggedIn: Fault = {
  kind: 'fault',
  code: 'already_logged_in',
  message: 'this socket is logged in already',
  re: 'login',
};
const notLoggedIn = { kind: 'fault', code: 'not_logged_in', message: 'log in first' } as const;
const notResumed = { kind: 'fault', code: 'not_resumed', message: 'wait for loginResponse' } as const;
