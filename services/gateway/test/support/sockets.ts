/** Sessions, hub, inbox and presence of one gateway, with sockets that are none and an outbox that keeps everything. */
import { EventEmitter } from 'node:events';
import { VirtualClock, type IncomingMail } from '@switchboard/event-log';
import type { GatewayID, GatewayMessage, ServerMessage, SessionID } from '@switchboard/protocol';
import { silentLogger } from '@switchboard/service-kit';
import type { WebSocket } from 'ws';
import { inboxHandler } from '../../src/mail/inbox.ts';
import { Reconciler } from '../../src/mail/reconciler.ts';
import { PresenceDesk } from '../../src/presence/desk.ts';
import type { GatewayCommand } from '../../src/session/actions.ts';
import { Session } from '../../src/session/session.ts';
import { Hub } from '../../src/sockets/hub.ts';
import { makeWorld } from './machine.ts';

export class FakeSocket extends EventEmitter {
  readonly bufferedAmount = 0;
  readonly frames: ServerMessage[] = [];
  closedWith: number | undefined;

  send(text: string, written: () => void): void {
    this.frames.push(JSON.parse(text) as ServerMessage);
    written();
  }

  /** The server's close. */
  close(code: number): void {
    this.closedWith ??= code;
  }

  terminate(): void {
    this.gone(1006);
  }

  /** The socket is gone. */
  gone(code: number): void {
    this.emit('close', code);
  }

  pause(): void {
    // Nothing arrives by itself.
  }
  resume(): void {
    // Nothing arrives by itself.
  }

  /** What the client says; resolves when it was handled. */
  async say(message: object): Promise<void> {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
    await new Promise((resolve) => setImmediate(resolve));
  }

  take(): ServerMessage[] {
    return this.frames.splice(0);
  }
}

export class SmallGateway {
  readonly commands: GatewayCommand[] = [];
  readonly clock = new VirtualClock();
  readonly hub: Hub;
  dropped = 0;
  readonly reconciler: Reconciler;
  readonly #handle: (mails: readonly IncomingMail[]) => Promise<void>;

  constructor({ perSecond, burst } = { perSecond: 1e6, burst: 1e6 }) {
    const logger = silentLogger();
    const world = makeWorld();
    const outbox = {
      command: ({ command }: { command: GatewayCommand }) => void this.commands.push(command),
      candidate: () => undefined,
    };
    const presence = new PresenceDesk({ gateway: 'gw-1' as GatewayID, partitions: world.partitions, outbox, logger });
    const authorize = () => Promise.resolve({ kind: 'granted' as const });
    this.hub = new Hub({
      clock: this.clock,
      random: () => 0.5,
      limits: { perSecond, burst, sendBufferBytes: 1e6, heartbeatMs: 1e6 },
      makeSession: ({ wire, onIdentity }) =>
        new Session({ world, wire, outbox, presence, authorize, logger, onIdentity, count: () => undefined }),
      onClosed: () => undefined,
    });
    const speakers = () => [...this.hub.all(), ...presence.watches()];
    this.reconciler = new Reconciler({ clock: this.clock, speakers, signal: new AbortController().signal });
    const find = (session: SessionID) => this.hub.find(session);
    const spread = presence.spread.bind(presence);
    this.#handle = inboxHandler({
      ...{ find, spread, logger, onDropped: () => (this.dropped += 1) },
      reconcile: (partition) => this.reconciler.take(partition),
    });
  }

  /** A client on a socket of its own, logged in; `attach` says what its Line says. */
  async client(login: object): Promise<{ socket: FakeSocket; id: SessionID }> {
    const socket = new FakeSocket();
    this.hub.add(socket as unknown as WebSocket, undefined);
    await socket.say({ type: 'login', capabilities: ['native'], ...login });
    const { socket: id } = this.take('AttachDevice')[0] as { socket: SessionID };
    return { socket, id };
  }

  /** A client whose Line took it for a new session. */
  async online(userID: string): Promise<{ socket: FakeSocket; id: SessionID }> {
    const { socket, id } = await this.client({ userID });
    await this.mail({ type: 'Attached', session: id, connection: 1, as: id, resumed: false, graceMs: 30_000 });
    socket.take();
    return { socket, id };
  }

  async mail(message: GatewayMessage): Promise<void> {
    await this.#handle([{ src: 'p0', id: '1-0', body: JSON.stringify(message) } as unknown as IncomingMail]);
  }

  /** Takes the commands of one type. */
  take(type: GatewayCommand['type']): GatewayCommand[] {
    const taken = this.commands.filter((command) => command.type === type);
    this.commands.splice(0, this.commands.length, ...this.commands.filter((command) => command.type !== type));
    return taken;
  }
}
