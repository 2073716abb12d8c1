/**
 * The shell of one session: feeds the machine and does what it says. Invariant: the client's messages are handled strictly
 * in order; while a token is being checked, those after it wait and the socket is not read.
 */
import type { Presence, ServerMessage, SessionID, UserID, WorkerID } from '@switchboard/protocol';
import { Secret, type Logger } from '@switchboard/service-kit';
import type { Permission } from '../auth/verifier.ts';
import type { Fault } from '../dialect/index.ts';
import type { OnFailure, WorkerMail } from '../mail/outbox.ts';
import type { Watcher } from '../presence/desk.ts';
import type { Action, CommandAction, Counted, SessionMessage, World } from './actions.ts';
import type { Blobs } from './from-mail.ts';
import { SessionMachine, unavailable, type Login } from './machine.ts';
import { readMessage, type Read } from './read-message.ts';

/** The socket, as far as a session needs it. */
export interface Wire {
  /** `written` is called when the frame has left this process; not at all if it never does. */
  send(message: ServerMessage, written?: () => void): void;
  pause(): void;
  resume(): void;
  close(why: 'takenOver'): void;
  /** What a message costs beyond itself; false if that was too much, and the socket is being closed. */
  charge(messages: number): boolean;
}

export interface SessionPorts {
  readonly world: World;
  readonly wire: Wire;
  readonly outbox: {
    command(action: CommandAction, onFailure: OnFailure): void;
    candidate(worker: WorkerID, message: WorkerMail): void;
  };
  /** Asks whether this login is who it says, with the tokens of message and URL. Never rejects. */
  readonly authorize: (login: Login, token: Secret | undefined) => Promise<Permission>;
  /** `watch`: false if it is too much. */
  readonly presence: {
    watch(watcher: Watcher, userIDs: readonly UserID[]): boolean;
    leave(watcher: Watcher): void;
  };
  readonly count: (what: Counted, code?: string) => void;
  readonly logger: Logger;
  /** `identity` is another one now. */
  readonly onIdentity: (session: Session) => void;
}

/** Users on a watch list that cost as much as one message more. */
const WATCHED_PER_MESSAGE = 5;

export class Session implements Watcher {
  readonly #ports: SessionPorts;
  readonly #machine: SessionMachine;
  #known: SessionID | undefined;
  #waiting: Read[] = [];
  #checking = false;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#machine = new SessionMachine(ports.world);
  }

  get identity(): SessionMachine['identity'] {
    return this.#machine.identity;
  }

  get isNative(): boolean {
    return this.#machine.isNative;
  }

  /** A text frame of the client. */
  text(text: string): void {
    this.#take(readMessage(text));
  }

  binary(): void {
    this.#take({ kind: 'fault', code: 'binary_frame', message: 'only text frames are understood', re: undefined });
  }

  mail(message: SessionMessage, blobs: Blobs): void {
    this.#do(this.#machine.mail(message, blobs));
  }

  /** Somebody whom this session watches. */
  presence(userID: UserID, state: Presence): void {
    this.#do(this.#machine.presence(userID, state));
  }

  /** This gateway goes away. */
  sendAway(afterMs: number): void {
    this.#do(this.#machine.sendAway(afterMs));
  }

  /** This partition of the log lost its last writes. False if nothing of this session is there. */
  reconcile(partition: number): boolean {
    const actions = this.#machine.reconcile(partition);
    this.#do(actions);
    return actions.length > 0;
  }

  /** The socket is gone, by this close code. */
  closed(code: number): void {
    this.#waiting = [];
    this.#do(this.#machine.closed(code));
  }

  #take(read: Read): void {
    if (this.#checking) this.#waiting.push(read);
    else this.#handle(read);
  }

  #handle(read: Read): void {
    const isLogin = read.kind === 'message' && read.message.type === 'login';
    if (isLogin && this.#machine.identity === undefined) void this.#login(read.message as Login);
    else this.#do(this.#machine.client(read));
  }

  async #login(login: Login): Promise<void> {
    this.#checking = true;
    this.#ports.wire.pause();
    const token = login.token === undefined ? undefined : new Secret(login.token);
    const permission = await this.#ports.authorize(login, token);
    this.#checking = false;
    this.#ports.wire.resume();
    this.#entered(login, permission);
    while (!this.#checking && this.#waiting.length > 0) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#handle(next);
    }
  }

  #entered(login: Login, permission: Permission): void {
    if (permission.kind === 'granted') this.#do(this.#machine.login(login));
    else this.#do(this.#machine.refuseLogin(login, faultOf(permission)));
  }

  /** Mail must find the session before anything is done that mail may answer. */
  #do(actions: readonly Action[]): void {
    this.#introduce();
    for (const action of actions) this.#doOne(action);
  }

  #introduce(): void {
    const id = this.#machine.identity?.session;
    if (id === this.#known) return;
    this.#known = id;
    this.#ports.onIdentity(this);
    if (id === undefined) this.#ports.presence.leave(this);
  }

  #doOne(action: Action): void {
    const { wire, outbox, count } = this.#ports;
    switch (action.kind) {
      case 'frame': {
        const { message, written } = action;
        wire.send(message, written && (() => this.#command(written)));
        return;
      }
      case 'command':
        this.#command(action);
        return;
      case 'candidate':
        outbox.candidate(action.worker, action.message);
        return;
      case 'watch':
        this.#watch(action.userIDs);
        return;
      case 'close':
        wire.close(action.why);
        return;
      case 'count':
        count(action.what, action.code);
        return;
      default:
        action satisfies never;
    }
  }

  /** One message that makes a command of each user: it counts as so many fewer. */
  #watch(userIDs: readonly UserID[]): void {
    const { wire, presence } = this.#ports;
    if (!wire.charge(Math.floor(userIDs.length / WATCHED_PER_MESSAGE))) return;
    if (!presence.watch(this, userIDs)) this.#do(this.#machine.refuse(tooManyWatch));
  }

  #command(action: CommandAction): void {
    const { command } = action;
    if ('callID' in command) this.#ports.logger.info({ callID: command.callID, command: command.type }, 'command');
    this.#ports.outbox.command(action, (which, how) => {
      const callID = 'callID' in which ? { callID: which.callID } : {};
      this.#ports.logger.warn({ ...callID, command: which.type, how }, 'the log did not take a command in time');
      this.#do(this.#machine.failed(which, how));
    });
  }
}

const tooManyWatch: Fault = {
  kind: 'fault',
  code: 'rate_limited',
  message: 'userIDs: one of them is watched by too many already',
  re: 'presence',
};

function faultOf(permission: Exclude<Permission, { kind: 'granted' }>): Fault {
  if (permission.kind === 'unavailable') return unavailable('login', permission.why);
  return { kind: 'fault', code: 'auth_failed', message: permission.why, re: 'login' };
}
