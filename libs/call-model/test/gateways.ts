/**
 * The gateways of the world, and the clients at their sockets. A gateway draws an ID for each socket, knows which session and
 * calls it has, asks each call after a resume and a merger, and drops what is for a socket that is gone or a call that is over.
 * A client knows its session, its calls, and the legs that its page holds.
 */
import {
  answerRef,
  type CallID,
  type Command,
  type Device,
  type GatewayID,
  type GatewayMessage,
  type LegID,
  type Presence,
  type SessionID,
  type UserID,
} from '@switchboard/protocol';
import { copyOf, hears, newClient, over, userOf, type Client, type Login, type Socket } from './clients.ts';

type SessionMessage = Extract<GatewayMessage, { session: SessionID }>;
type Message<Type extends GatewayMessage['type']> = Extract<GatewayMessage, { type: Type }>;

/** What a device was told: `to` is its name. */
export interface Told {
  readonly to: string;
  readonly message: GatewayMessage;
}

/** What they need of the world around them. */
export interface AroundGateways {
  readonly told: Told[];
  readonly presence: { readonly gateway: string; readonly userID: UserID; readonly state: Presence }[];
  readonly workers: { connect(): void };
  /** A number that no other has. */
  draw(): number;
  send(src: string, command: Command): void;
}

export class Gateways {
  readonly sockets = new Map<SessionID, Socket>();
  readonly clients = new Map<string, Client>();
  private readonly world: AroundGateways;

  constructor(world: AroundGateways) {
    this.world = world;
  }

  copy(from: Gateways): void {
    for (const [id, socket] of from.sockets) this.sockets.set(id, { ...socket });
    for (const [name, client] of from.clients) this.clients.set(name, copyOf(client));
  }

  signature(): unknown {
    const clients = [...this.clients.values()].map(({ calls, over, merged, legs, ...rest }) => {
      return [rest, [...calls].sort(), [...over].sort(), [...merged].sort(), [...legs].sort()];
    });
    return [[...this.sockets.values()], clients];
  }

  /** A new socket logs in. An older one of the client stays open until it is taken over. */
  login(name: string, { gateway = 'g1', seed = false, plain = false, resume = !seed, fresh = false }: Login): void {
    const client = this.clients.get(name) ?? newClient(name);
    this.clients.set(name, client);
    const old = this.socketOf(name);
    if (old && (!resume || client.session === undefined)) this.close(old, true);
    const id = `${name}/${String(this.world.draw())}` as SessionID;
    client.over.clear();
    if (fresh || !resume) for (const known of [client.calls, client.legs]) known.clear();
    const socket: Socket = {
      ...{
        id,
        name,
        gateway: gateway as GatewayID,
        capabilities: seed ? [] : plain ? ['native'] : ['native', 'renegotiate'],
        fresh,
      },
      ...{ named: resume ? [...client.calls] : [], open: true, session: undefined, connection: 0 },
    };
    this.sockets.set(id, socket);
    client.socket = id;
    const command = { type: 'AttachDevice', userID: userOf(name), socket: id, gateway: socket.gateway } as const;
    const session = resume ? client.session : undefined;
    const resumed = session === undefined ? {} : { resume: session };
    this.world.send(gateway, { ...command, capabilities: socket.capabilities, ...resumed });
  }

  /** The socket of a client that can speak. */
  speaker(name: string): Socket | undefined {
    const socket = this.socketOf(name);
    return socket?.open && socket.session !== undefined ? socket : undefined;
  }

  socketOf(name: string): Socket | undefined {
    const id = this.clients.get(name)?.socket;
    return id === undefined ? undefined : this.sockets.get(id);
  }

  deviceOf({ session, connection, gateway, capabilities, id }: Socket): Device {
    return { session: session ?? id, connection, gateway, capabilities };
  }

  close(socket: Socket, resumable: boolean): void {
    if (!socket.open) return;
    socket.open = false;
    const { id, gateway, name, capabilities } = socket;
    const final = !resumable || capabilities.length === 0;
    if (final && this.clients.get(name)?.socket === id) this.leave(name);
    this.world.send(gateway, { type: 'CloseSocket', userID: userOf(name), socket: id, resumable: !final });
  }

  died(process: string): void {
    for (const socket of this.sockets.values()) {
      if (socket.gateway !== process || !socket.open) continue;
      socket.open = false;
      if (socket.capabilities.length === 0) this.leave(socket.name);
    }
  }

  hasAnswer(leg: LegID): boolean {
    return [...this.clients.values()].some(({ legs }) => legs.get(leg) === true);
  }

  /** The name by which a client knows a call now. */
  known(name: string, callID: CallID): CallID {
    return this.clients.get(name)?.merged.get(callID) ?? callID;
  }

  newLeg(socket: Socket): LegID {
    const legID = `${socket.session ?? socket.id}:${String(this.world.draw())}` as LegID;
    this.clients.get(socket.name)?.legs.set(legID, false);
    return legID;
  }

  receive(gateway: string, message: GatewayMessage, refs: readonly string[]): void {
    if (message.type === 'PresenceIs') {
      this.world.presence.push({ gateway, userID: message.userID, state: message.state });
      return;
    }
    if (!('session' in message)) return;
    const socket = this.socketFor(gateway, message);
    const client = socket && this.clients.get(socket.name);
    if (!socket || !client) return;
    if (message.type === 'TakenOver') this.takenOver(socket);
    else if (message.type === 'Attached') this.attached(socket, client, message);
    else if (client.socket === socket.id) this.tell(socket, client, message, refs);
  }

  private tell(
    socket: Socket,
    client: Client,
    message: Exclude<SessionMessage, { type: 'TakenOver' | 'Attached' }>,
    refs: readonly string[],
  ): void {
    if (message.type === 'Merged' && client.over.has(message.callID)) this.stop(socket, client, message.into);
    if (message.type === 'LocalCandidate' || !hears(client, message, socket)) return;
    this.world.told.push({ to: client.name, message });
    if (message.type === 'Merged') this.merged(socket, client, message);
    else if (message.type === 'Ended') over(client, message.callID);
    else if (message.type === 'Incoming') client.calls.add(message.callID);
    else if (message.type === 'Snapshot') this.snapshot(socket, client, message, refs);
    else if (message.type === 'Answer') this.answer(client, message.legID);
    else if (message.type === 'Renegotiate') this.renegotiate(socket, message.callID);
  }

  private socketFor(gateway: string, { type, session, connection }: SessionMessage) {
    const sockets = [...this.sockets.values()].filter((each) => each.open && each.gateway === gateway);
    if (type === 'Attached') return sockets.find((each) => each.id === session && each.session === undefined);
    return sockets.find((each) => each.session === session && each.connection === connection);
  }

  private attached(socket: Socket, client: Client, message: Message<'Attached'>): void {
    const { as, connection, callID } = message;
    Object.assign(socket, { session: as, connection });
    if (client.socket === socket.id) {
      client.session = as;
      this.world.told.push({ to: client.name, message });
    }
    const calls = new Set([...(callID === undefined ? [] : [callID]), ...socket.named]);
    for (const each of calls) this.ask(socket, each, socket.fresh);
  }

  private merged(socket: Socket, client: Client, { callID, into }: Message<'Merged'>): void {
    client.calls.delete(callID);
    client.calls.add(into);
    client.over.delete(into);
    client.merged.set(callID, into);
    this.ask(socket, into, false);
  }

  /** The client is through with what it placed: so it is with what that became. */
  private stop({ gateway, name, id, session = id, connection }: Socket, client: Client, callID: CallID): void {
    over(client, callID);
    this.world.send(gateway, { type: 'Stop', userID: userOf(name), session, connection, callID });
  }

  /** A leg that its page doesn't hold is made anew by the client itself. */
  private snapshot(socket: Socket, client: Client, message: Message<'Snapshot'>, refs: readonly string[]): void {
    const { callID, legID, answered } = message;
    client.calls.add(callID);
    if (legID === undefined) return;
    if (!client.legs.has(legID)) this.renegotiate(socket, callID);
    else if (answered && refs.includes(answerRef(legID))) this.answer(client, legID);
  }

  private answer(client: Client, legID: LegID): void {
    if (client.legs.has(legID)) client.legs.set(legID, true);
    this.world.workers.connect();
  }

  private ask(socket: Socket, callID: CallID, fresh: boolean): void {
    const device = this.deviceOf(socket);
    this.world.send(socket.gateway, { type: 'PartyHere', callID, userID: userOf(socket.name), device, fresh });
  }

  renegotiate(socket: Socket, callID: CallID): void {
    const command = {
      type: 'Renegotiate',
      callID,
      userID: userOf(socket.name),
      device: this.deviceOf(socket),
    } as const;
    this.world.send(socket.gateway, { ...command, legID: this.newLeg(socket) });
  }

  private takenOver(socket: Socket): void {
    if (this.clients.get(socket.name)?.socket === socket.id) this.world.told.push({ to: socket.name, message: TAKEN });
    this.close(socket, true);
  }

  /** The client forgets everything. */
  private leave(name: string): void {
    const client = this.clients.get(name);
    if (client) this.clients.set(name, newClient(name));
  }
}

const TAKEN = { type: 'TakenOver', session: '' as SessionID, connection: 1 } as const;
