/**
 * The state machine of one socket's session: no I/O, clock or chance (they stand behind `World`). Every input returns what
 * is to be done, in order. Never throws.
 *
 *   anonymous ──login──> member ──close──> closed
 *       └───────────────close──────────────────┘      (member ──login was not taken──> anonymous)
 */
import type { ClientMessage, GatewayMessage, SessionID, UserID } from '@switchboard/protocol';
import { anonymous, native, type Dialect, type Fault } from '../dialect/index.ts';
import type { Action, Failure, GatewayCommand, World } from './actions.ts';
import { fromClient } from './from-client.ts';
import { fromMail, type Blobs } from './from-mail.ts';
import { command, dropped, Member, refusal, stopCommand } from './member.ts';
import type { Read } from './read-message.ts';

export type Login = Extract<ClientMessage, { type: 'login' }>;
/** The message of a client that its command came from. */
const SOURCE: Readonly<Record<GatewayCommand['type'], string>> = {
  AttachDevice: 'login',
  CloseSocket: '',
  Place: 'call',
  Accept: 'incomingCallResponse',
  Decline: 'incomingCallResponse',
  DeviceRinging: 'ringing',
  Stop: 'stop',
};

type State = { readonly kind: 'anonymous' } | { readonly kind: 'member'; readonly member: Member } | { kind: 'closed' };

export class SessionMachine {
  readonly #world: World;
  #state: State = { kind: 'anonymous' };

  constructor(world: World) {
    this.#world = world;
  }

  /** Who is logged in here, if anybody. */
  get identity(): { readonly userID: UserID; readonly session: SessionID } | undefined {
    return this.#state.kind === 'member' ? this.#state.member : undefined;
  }

  /** How much this session keeps, for tests of bounds. */
  get held(): { readonly calls: number; readonly legs: number } {
    if (this.#state.kind !== 'member') return { calls: 0, legs: 0 };
    const { calls } = this.#state.member;
    return { calls: calls.size, legs: calls.legs };
  }

  /** Any message but a login that is granted: that takes `login`. */
  client(read: Read): Action[] {
    const { kind } = this.#state;
    if (kind === 'closed') return [];
    if (read.kind === 'fault') return this.refuse(read);
    const { message } = read;
    if (message.type === 'login') return this.login(message);
    if (this.#state.kind === 'member') return fromClient(this.#state.member, message, this.#world);
    return this.refuse({ kind: 'fault', code: 'not_logged_in', message: 'log in first', re: message.type });
  }

  /** The user is who he says he is. */
  login({ userID, capabilities, deviceID }: Login): Action[] {
    const { kind } = this.#state;
    if (kind === 'closed') return [];
    if (kind === 'member') return this.refuse(alreadyLoggedIn);
    const member = new Member({ userID, capabilities, deviceID }, this.#world.makeSessionID());
    this.#state = { kind: 'member', member };
    const device = deviceID === undefined ? {} : { deviceID };
    const { gateway } = this.#world;
    return [command({ type: 'AttachDevice', userID, session: member.session, gateway, capabilities, ...device })];
  }

  /** The login's user is not taken for who he says he is. A native client must not take an outage for a refusal. */
  refuseLogin({ capabilities }: Login, fault: Fault): Action[] {
    const outage = fault.code === 'service_unavailable' && capabilities.includes('native');
    return this.#state.kind === 'anonymous' ? refusal(outage ? native : anonymous, fault) : this.refuse(fault);
  }

  /** Something of the client was refused outside of this machine. */
  refuse(fault: Fault): Action[] {
    return this.#state.kind === 'closed' ? [] : refusal(this.#dialect(), fault);
  }

  mail(message: GatewayMessage, blobs: Blobs): Action[] {
    return this.#state.kind === 'member' ? fromMail(this.#state.member, message, blobs, this.#world) : dropped();
  }

  /** A command was not acknowledged in time, or not taken at all. */
  failed(which: GatewayCommand, how: Failure): Action[] {
    if (this.#state.kind !== 'member') return [];
    const { member } = this.#state;
    const repair = this.#repair(member, which, how);
    // A login of which nobody knows is still on its way, and a seed client understands nothing but its refusal.
    if (which.type === 'AttachDevice' && how === 'unknown' && !member.isNative) return [];
    return [...repair, ...refusal(member.dialect, unavailable(SOURCE[which.type]))];
  }

  /** The socket is gone. */
  closed(): Action[] {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind !== 'member') return [];
    const { userID, speaker } = state.member;
    return [command({ type: 'CloseSocket', userID, ...speaker })];
  }

  #repair(member: Member, which: GatewayCommand, how: Failure): Action[] {
    switch (which.type) {
      case 'AttachDevice':
        if (how === 'refused') this.#state = { kind: 'anonymous' };
        return [];
      case 'Place':
        // Nobody knows whether it was taken: the client hears that it failed, so it must not ring on.
        if (member.calls.drop(which.callID) === undefined || how === 'refused') return [];
        return [stopCommand(member, which.callID)];
      case 'Accept':
        member.calls.unaccept(which.callID, which.legID, how === 'unknown');
        return [];
      default:
        return [];
    }
  }

  #dialect(): Dialect {
    return this.#state.kind === 'member' ? this.#state.member.dialect : anonymous;
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
