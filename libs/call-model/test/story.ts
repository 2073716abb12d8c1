/** The moves of a person at a device, as the commands that his gateway makes of them. Who has no session yet is not heard. */
import type { CallID, Presence, UserID } from '@switchboard/protocol';
import { over, userOf, type Login, type Socket } from './clients.ts';
import { callIDOf, type World } from './world.ts';

interface Placing {
  readonly requestID?: string;
  /** The lower one wins a glare. */
  readonly index?: number;
}

export class Story {
  readonly world: World;
  constructor(world: World) {
    this.world = world;
  }

  attach(name: string, login: Login = {}): void {
    this.world.gateways.login(name, login);
  }

  place(name: string, callee: string, { requestID, index = this.world.draw() }: Placing = {}): CallID {
    const callID = callIDOf(userOf(name), index);
    this.says(name, (socket, speaker) => {
      this.client(name)?.calls.add(callID);
      const legID = this.world.gateways.newLeg(socket);
      const what = { callID, calleeID: callee as UserID, media: 'video', legID, requestID } as const;
      this.world.send(socket.gateway, { type: 'Place', ...speaker, ...what });
    });
    return callID;
  }

  ringing(name: string, callID: CallID): void {
    this.says(name, ({ gateway }, speaker) => {
      this.world.send(gateway, { type: 'DeviceRinging', callID, ...speaker });
    });
  }

  accept(name: string, callID: CallID): void {
    this.says(name, (socket, { userID }) => {
      const legID = this.world.gateways.newLeg(socket);
      const device = this.world.gateways.deviceOf(socket);
      this.world.send(socket.gateway, { type: 'Accept', callID, userID, device, legID });
    });
  }

  decline(name: string, callID: CallID): void {
    this.leave('Decline', name, callID);
  }

  stop(name: string, callID: CallID): void {
    this.leave('Stop', name, this.world.gateways.known(name, callID));
  }

  renegotiate(name: string, callID: CallID): void {
    this.says(name, (socket) => {
      this.world.gateways.renegotiate(socket, callID);
    });
  }

  show(name: string, callID: CallID, shown: { audio: boolean; video: boolean; screen: boolean }): void {
    this.says(name, ({ gateway }, speaker) => {
      this.world.send(gateway, { type: 'ShowMedia', callID, ...speaker, ...shown });
    });
  }

  setPresence(name: string, state: Extract<Presence, 'online' | 'away'>): void {
    this.says(name, ({ gateway }, speaker) => {
      this.world.send(gateway, { type: 'SetPresence', ...speaker, state });
    });
  }

  watch(gateway: string, user: string): void {
    this.world.send(gateway, { type: 'Watch', userID: user as UserID, gateway: gateway as Socket['gateway'] });
  }

  unwatch(gateway: string, user: string): void {
    this.world.send(gateway, { type: 'Unwatch', userID: user as UserID, gateway: gateway as Socket['gateway'] });
  }

  /** Its socket breaks. */
  close(name: string): void {
    const socket = this.world.gateways.socketOf(name);
    if (socket) this.world.gateways.close(socket, true);
  }

  goodbye(name: string): void {
    const socket = this.world.gateways.socketOf(name);
    if (socket) this.world.gateways.close(socket, false);
  }

  /** What the client believes to be in. */
  calls(name: string): CallID[] {
    return [...(this.client(name)?.calls ?? [])];
  }

  private client(name: string) {
    return this.world.gateways.clients.get(name);
  }

  private leave(type: 'Decline' | 'Stop', name: string, callID: CallID): void {
    this.says(name, ({ gateway }, speaker) => {
      const client = this.client(name);
      if (client) over(client, callID);
      this.world.send(gateway, { type, ...speaker, callID });
    });
  }

  private says(name: string, say: (socket: Socket, speaker: Speaker) => void): void {
    const socket = this.world.gateways.speaker(name);
    if (socket?.session === undefined) return;
    say(socket, { userID: userOf(name), session: socket.session, connection: socket.connection });
  }
}

interface Speaker {
  readonly userID: UserID;
  readonly session: NonNullable<Socket['session']>;
  readonly connection: number;
}
