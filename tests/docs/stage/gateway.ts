/** The gateways of the stage: the real machine of a session behind each socket, without the sockets. */
import { PresenceDesk, SessionMachine, type Action } from '@switchboard/gateway';
import {
  server,
  type ClientMessage,
  type Command,
  type GatewayID,
  type GatewayMessage,
  type Presence,
  type ServerMessage,
  type SessionID,
  type UserID,
  type WorkerID,
  type WorkerMessage,
} from '@switchboard/protocol';

const WELCOME = {
  iceServers: [{ urls: 'turn:turn.example.org', username: '1760003600:anna', credential: 'secret' }],
  gateways: ['wss://g1.example.org/videoCall', 'wss://g2.example.org/videoCall'],
};
const GOODBYE = 1000;
const BROKEN = 1006;

/** What comes out of a gateway. */
export interface AroundGateways {
  readonly partitions: number;
  newUuid(): string;
  sendCommand(from: string, command: Command): void;
  sendToWorker(from: string, worker: WorkerID, message: WorkerMessage): void;
}

interface Page {
  /** Its gateway says something. */
  hear(message: ServerMessage): void;
  takenOver(): void;
}

/** SDP that travels beside a message. */
export type Blobs = Readonly<Record<string, string>>;

export class Socket {
  readonly gateway: GatewayID;
  readonly #machine: SessionMachine;
  readonly #desk: PresenceDesk;
  readonly #around: AroundGateways;
  readonly #page: Page;

  constructor(
    around: AroundGateways,
    desk: PresenceDesk,
    page: Page,
    { gateway, id }: { gateway: string; id: string },
  ) {
    this.gateway = gateway as GatewayID;
    this.#around = around;
    this.#desk = desk;
    this.#page = page;
    this.#machine = new SessionMachine({
      ...{ gateway: this.gateway, partitions: around.partitions, welcome: WELCOME },
      makeSessionID: () => id as SessionID,
      makeUuid: () => around.newUuid(),
    });
  }

  get session(): SessionID | undefined {
    return this.#machine.identity?.session;
  }

  say(message: ClientMessage): void {
    this.#do(this.#machine.client({ kind: 'message', message }));
  }

  mail(message: Extract<GatewayMessage, { session: SessionID }>, blobs: Blobs): void {
    this.#do(this.#machine.mail(message, blobs));
  }

  presence(userID: UserID, state: Presence): void {
    this.#do(this.#machine.presence(userID, state));
  }

  sendAway(afterMs: number): void {
    this.#do(this.#machine.sendAway(afterMs));
  }

  reconcile(partition: number): void {
    this.#do(this.#machine.reconcile(partition));
  }

  breaks(): void {
    this.#closed(BROKEN);
  }

  goodbye(): void {
    this.#closed(GOODBYE);
  }

  #closed(code: number): void {
    this.#desk.leave(this);
    this.#do(this.#machine.closed(code));
  }

  #do(actions: readonly Action[]): void {
    for (const action of actions) this.#doOne(action);
  }

  #doOne(action: Action): void {
    switch (action.kind) {
      case 'frame':
        return this.#page.hear(server.SERVER_MESSAGES[action.message.type].parse(action.message) as ServerMessage);
      case 'command':
        return this.#around.sendCommand(this.gateway, action.command);
      case 'candidate':
        return this.#around.sendToWorker(this.gateway, action.worker, action.message);
      case 'watch':
        return void this.#desk.watch(this, action.userIDs);
      case 'close':
        this.#desk.leave(this);
        return this.#page.takenOver();
      case 'count':
        return;
      default:
        return action satisfies never;
    }
  }
}

export class Gateways {
  readonly #around: AroundGateways;
  readonly #desks = new Map<string, PresenceDesk>();
  readonly #sockets: Socket[] = [];

  constructor(around: AroundGateways) {
    this.#around = around;
  }

  connect(page: Page, where: { gateway: string; id: string }): Socket {
    const socket = new Socket(this.#around, this.#desk(where.gateway), page, where);
    this.#sockets.push(socket);
    return socket;
  }

  mail(gateway: string, message: GatewayMessage, blobs: Blobs): void {
    const sockets = this.#at(gateway);
    if (message.type === 'PresenceIs') this.#desk(gateway).spread(message);
    else if (message.type === 'Reconcile') for (const each of sockets) each.reconcile(message.partition);
    else sockets.find((each) => each.session === message.session)?.mail(message, blobs);
  }

  /** It is being stopped. */
  leaves(gateway: string, afterMs: number): void {
    for (const each of this.#at(gateway)) each.sendAway(afterMs);
  }

  #at(gateway: string): Socket[] {
    return this.#sockets.filter((each) => each.gateway === gateway);
  }

  #desk(gateway: string): PresenceDesk {
    const outbox = { command: ({ command }: { command: Command }) => this.#around.sendCommand(gateway, command) };
    const logger = { warn: () => undefined };
    const desk =
      this.#desks.get(gateway) ??
      new PresenceDesk({
        ...{ gateway: gateway as GatewayID, partitions: this.#around.partitions, outbox, logger },
      });
    this.#desks.set(gateway, desk);
    return desk;
  }
}
