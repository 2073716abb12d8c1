/** A gateway: sockets, sessions, its mailbox, its beats. When others take it for dead it closes its sockets and starts over under a new ID. */
import { Beater, MailReader, Sender, type IncomingMail, type LogStore } from '@switchboard/event-log';
import {
  gatewayMessage,
  isLineCommand,
  partitionOfCall,
  partitionOfUser,
  type Command,
  type GatewayID,
  type Presence,
  type SessionID,
  type UserID,
} from '@switchboard/protocol';
import { hash } from '../engine/random.ts';
import type { SimProcess } from '../engine/process.ts';
import { deadAfterMs } from './liveness.ts';
import { GatewaySession } from './gateway-session.ts';
import type { Socket } from './socket.ts';

export interface GatewayParts {
  readonly process: SimProcess;
  readonly store: LogStore;
  readonly partitions: number;
  readonly fail: (invariant: string, what: string) => void;
  /** It was declared dead: it has to start over. */
  readonly onGone: () => void;
}

interface Entry {
  readonly socket: Socket;
  readonly session: GatewaySession;
  readonly user: UserID;
}

export class Gateway {
  readonly id: GatewayID;
  /** What it was told last of the users that its clients watch. */
  readonly presence = new Map<UserID, Presence | undefined>();
  readonly #parts: GatewayParts;
  readonly #sender: Sender;
  readonly #entries = new Map<SessionID, Entry>();
  #uuids = 0;

  constructor(parts: GatewayParts) {
    const { process, store, onGone } = parts;
    const { clock, random, name } = process;
    this.#parts = parts;
    this.id = name as GatewayID;
    this.#sender = new Sender({ store, clock, src: name, random, onGone });
    const handle = (mails: readonly IncomingMail[]) => Promise.resolve(this.#handle(mails));
    new MailReader({ store, clock, random, process: name, handle }).start();
    const info = () => JSON.stringify({ gatewayID: name, sessions: this.#entries.size });
    void new Beater({ store: this.#watched(), clock, id: name, kind: 'gateway', info }).start();
  }

  /** The last message that it handled. */
  handled = '0';

  /** Messages that are not acknowledged. */
  get pending(): number {
    return this.#sender.pending;
  }

  get process(): SimProcess {
    return this.#parts.process;
  }

  connect(socket: Socket, who: { readonly user: UserID; readonly device: string; readonly native: boolean }): void {
    const { partitions } = this.#parts;
    const session = new GatewaySession({
      ...{ socket, gateway: this.id, ...who, partitions },
      makeUuid: () => this.#makeUuid(),
      send: (command, blobs) => {
        this.#send(command, blobs);
      },
      watch: (userID) => {
        this.#watch(userID);
      },
    });
    this.#entries.set(socket.id, { socket, session, user: who.user });
    socket.onUp = (frame) => {
      if (this.#alive) session.fromClient(frame);
    };
    socket.onClientClosed = (goodbye) => {
      if (this.#alive) this.#closed(socket.id, who.native && !goodbye);
    };
  }

  /** Its process is dead, or has to start over: every socket breaks. */
  breakSockets(noticedMs: (socket: SessionID) => number): void {
    for (const { socket } of this.#entries.values()) socket.closeByServer(noticedMs(socket.id));
  }

  get #alive(): boolean {
    return this.#parts.process.isAlive;
  }

  /** Whoever did not beat for so long was taken for dead, perhaps: its sessions are given up elsewhere, and nobody says so. */
  #watched(): Pick<LogStore, 'beat' | 'forget'> {
    const { store, process, onGone } = this.#parts;
    let last = process.clock.monotonic();
    return {
      forget: (id) => store.forget(id),
      beat: async (beat) => {
        const asked = process.clock.monotonic();
        await store.beat(beat);
        if (process.clock.monotonic() - last >= deadAfterMs('gateway')) onGone();
        last = asked;
      },
    };
  }

  #closed(socket: SessionID, resumable: boolean): void {
    const entry = this.#entries.get(socket);
    this.#entries.delete(socket);
    if (entry !== undefined) this.#send({ type: 'CloseSocket', userID: entry.user, socket, resumable });
  }

  #watch(userID: UserID): void {
    if (this.presence.has(userID)) return;
    this.presence.set(userID, undefined);
    this.#send({ type: 'Watch', userID, gateway: this.id });
  }

  #send(command: Command, blobs?: Readonly<Record<string, string>>): void {
    const partition = isLineCommand(command)
      ? partitionOfUser(command.userID, this.#parts.partitions)
      : partitionOfCall(command.callID);
    const mail = { body: JSON.stringify(command), ...(blobs === undefined ? {} : { blobs }) };
    void this.#sender.send({ kind: 'partition', partition }, mail).catch(() => undefined);
  }

  #handle(mails: readonly IncomingMail[]): void {
    this.handled = mails.at(-1)?.id ?? this.handled;
    for (const { body, blobs } of mails) {
      const parsed = gatewayMessage.safeParse(JSON.parse(body));
      if (!parsed.success) this.#parts.fail('a message that no gateway can read', body);
      else if (parsed.data.type === 'PresenceIs') this.presence.set(parsed.data.userID, parsed.data.state);
      else if ('session' in parsed.data) this.#find(parsed.data)?.session.fromMail(parsed.data, blobs ?? {});
    }
  }

  /** By the socket for `Attached`, else by the session's current connection. */
  #find(message: {
    readonly type: string;
    readonly session: SessionID;
    readonly connection: number;
  }): Entry | undefined {
    if (message.type === 'Attached') return this.#entries.get(message.session);
    return [...this.#entries.values()].find(
      ({ session: { speaker } }) => speaker?.session === message.session && speaker.connection === message.connection,
    );
  }

  /** Version 7: the store's time, then chance. */
  #makeUuid(): string {
    const ms = (1_700_000_000_000 + this.#parts.process.clock.monotonic()).toString(16).padStart(12, '0');
    const name = `${this.id} ${ms} ${String(this.#uuids++)}`;
    const [a, b] = [hash(name), hash(`${name}!`)].map((part) => part.toString(16).padStart(8, '0')) as [string, string];
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7${a.slice(0, 3)}-8${a.slice(3, 6)}-${b}${a.slice(4, 8)}`;
  }
}
