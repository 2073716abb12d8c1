/** What whoever holds a device does with it: nothing, if it is offline or there is no such call. */
import type { UserID } from '@switchboard/protocol';
import type { ClientCall } from './client-calls.ts';
import type { Device } from './device.ts';

export function call(device: Device, peer: UserID): void {
  if (!device.isOnline) return;
  const requestID = `${device.name}#${device.nextName()}`;
  const leg = device.nextName();
  device.place(device.calls.add({ callID: undefined, requestID, peer, phase: 'placed', leg }));
}

export function accept(device: Device): void {
  const ringing = latest(device, 'ringing');
  if (ringing?.callID === undefined) return;
  ringing.phase = 'accepted';
  ringing.leg = device.nextName();
  device.say({ type: 'accept', callID: ringing.callID, leg: ringing.leg });
}

export function decline(device: Device): void {
  const ringing = latest(device, 'ringing');
  if (ringing?.callID === undefined) return;
  ringing.phase = 'stopped';
  device.say({ type: 'reject', callID: ringing.callID });
}

/** Cancels or hangs up. */
export function stop(device: Device): void {
  const own = latest(device, 'placed', 'accepted', 'talking');
  if (own === undefined) return;
  own.phase = 'stopped';
  device.say({ type: 'stop', callID: own.callID, requestID: own.requestID });
}

export function renegotiate(device: Device): void {
  const talk = latest(device, 'talking');
  if (talk?.callID !== undefined) device.offerAgain(talk, talk.callID);
}

export function show(device: Device, video: boolean): void {
  const talk = latest(device, 'talking');
  if (talk?.callID !== undefined) device.say({ type: 'show', callID: talk.callID, video });
}

export function watch(device: Device, userID: UserID): void {
  if (device.isOnline) device.say({ type: 'watch', userID });
}

const latest = (device: Device, ...phases: ClientCall['phase'][]): ClientCall | undefined =>
  device.isOnline ? device.calls.latest(...phases) : undefined;
