/** A session whose Line knows it, or is about to: who it is, how it is spoken to, and the calls it knows. */
import type { CallID, Capability, Device, GatewayID, LegID, SessionID, UserID } from '@switchboard/protocol';
import { makeLegID } from '@switchboard/protocol';
import { native, seed, type Dialect, type Fault, type Told } from '../dialect/index.ts';
import type { Action, GatewayCommand } from './actions.ts';
import { CallTable } from './calls.ts';

/** Who logged in. */
export interface Who {
  readonly userID: UserID;
  readonly capabilities: readonly Capability[];
  readonly deviceID: string | undefined;
}

/** How a session names itself to Lines and Calls: each of its sockets has the next `connection`. */
export interface Speaker {
  readonly session: SessionID;
  readonly connection: number;
}

export const speaksNative = ({ capabilities }: Pick<Who, 'capabilities'>): boolean => capabilities.includes('native');

export class Member {
  readonly who: Who;
  readonly socket: SessionID;
  readonly speaker: Speaker;
  readonly calls = new CallTable();
  readonly dialect: Dialect;
  readonly isNative: boolean;
  welcomed = false;
  #offers = 0;

  /** Without a `speaker` it is a session of its own, which is named after its socket and may speak at once. */
  constructor(who: Who, socket: SessionID, speaker: Speaker = { session: socket, connection: 1 }) {
    this.who = who;
    this.socket = socket;
    this.speaker = speaker;
    this.isNative = speaksNative(who);
    this.dialect = this.isNative ? native : seed;
  }

  get userID(): UserID {
    return this.who.userID;
  }

  get session(): SessionID {
    return this.speaker.session;
  }

  /** How it is named to a call that it takes part in. */
  device(gateway: GatewayID): Device {
    const { capabilities, deviceID } = this.who;
    return {
      ...this.speaker,
      gateway,
      capabilities: [...capabilities],
      ...(deviceID === undefined ? {} : { deviceID }),
    };
  }

  /** Is this mail for the socket that the session has now? */
  isAddressed({ session, connection }: Speaker): boolean {
    return session === this.speaker.session && connection === this.speaker.connection;
  }

  /** The leg of a new offer, by the client's name for it or a fresh one; undefined if that name is in use. */
  newLeg(name: string | undefined): LegID | undefined {
    this.#offers += 1;
    // Another socket of this session has counted its offers as well.
    const leg = makeLegID(this.session, name ?? `~${String(this.speaker.connection)}.${String(this.#offers)}`);
    return this.calls.legs.get(leg) === undefined ? leg : undefined;
  }

  tell(told: Told): Action[] {
    return this.dialect(told).map((message) => ({ kind: 'frame', message }));
  }

  /** Tells a native client what was wrong, a seed client what it can understand of it, and counts it. */
  refuse(code: Fault['code'], message: string, re: string): Action[] {
    return refusal(this.dialect, { kind: 'fault', code, message, re });
  }
}

export function refusal(dialect: Dialect, fault: Fault): Action[] {
  const frames = dialect(fault).map((message): Action => ({ kind: 'frame', message }));
  return [{ kind: 'count', what: 'message_refused', code: fault.code }, ...frames];
}

export function command(what: GatewayCommand, blobs?: Readonly<Record<string, string>>): Action {
  return { kind: 'command', command: what, ...(blobs === undefined ? {} : { blobs }) };
}

export function dropped(): Action[] {
  return [{ kind: 'count', what: 'mail_dropped' }];
}

/** What ends a call that this session placed or accepted. */
export function stopCommand({ userID, speaker }: Member, callID: CallID): Action {
  return command({ type: 'Stop', userID, ...speaker, callID });
}
