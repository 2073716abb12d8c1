/** The moves of a person at a device, as the commands that his gateway makes of them. */
import type { CallID, LegID } from '@switchboard/protocol';
import { callIDOf, device, session, uid, type World } from './world.ts';

/** A device is named after its user: `anna.1` is anna's first. */
const userOf = (name: string) => uid(name.split('.')[0] ?? name);
const gatewayOf = (name: string) => (name.endsWith('2') ? 'g2' : 'g1');
const speaker = (name: string) => ({ userID: userOf(name), session: session(name), connection: 1 });

export class Story {
  private calls = 0;
  readonly world: World;
  constructor(world: World) {
    this.world = world;
  }

  attach(name: string): void {
    const { session: id, gateway, capabilities } = device(name, gatewayOf(name));
    this.send(name, { type: 'AttachDevice', userID: userOf(name), session: id, gateway, capabilities });
  }

  place(name: string, callee: string): CallID {
    this.calls += 1;
    const callID = callIDOf(userOf(name), this.calls);
    const legID = `${name}:${String(this.calls)}` as LegID;
    this.send(name, { type: 'Place', ...speaker(name), callID, calleeID: uid(callee), media: 'video', legID });
    return callID;
  }

  ringing(name: string, callID: CallID): void {
    this.send(name, { type: 'DeviceRinging', callID, ...speaker(name) });
  }

  accept(name: string, callID: CallID): void {
    const legID = `${name}:${callID}` as LegID;
    this.send(name, { type: 'Accept', callID, userID: userOf(name), device: device(name, gatewayOf(name)), legID });
  }

  decline(name: string, callID: CallID): void {
    this.send(name, { type: 'Decline', ...speaker(name), callID });
  }

  stop(name: string, callID: CallID): void {
    this.send(name, { type: 'Stop', ...speaker(name), callID });
  }

  close(name: string): void {
    this.send(name, { type: 'CloseSocket', ...speaker(name) });
  }

  private send(name: string, command: Parameters<World['send']>[1]): void {
    this.world.send(gatewayOf(name), command);
  }
}
