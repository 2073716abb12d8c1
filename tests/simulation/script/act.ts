/** Does what a step of a script says. */
import type { UserID } from '@switchboard/protocol';
import type { Device } from '../cast/device.ts';
import * as person from '../cast/person.ts';
import type { World } from '../world.ts';
import { words } from './describe.ts';
import type { Step } from './script.ts';

export function act(world: World, step: Step): void {
  world.trace(`    ${words(step)}`);
  if ('device' in step) actOfDevice(world, world.devices.get(step.device), step);
  else if (step.kind === 'outage') world.outageUntil = Math.max(world.outageUntil, world.clock.monotonic() + step.ms);
  else actOfPlace(world, step);
}

function actOfDevice(world: World, device: Device | undefined, step: Extract<Step, { device: string }>): void {
  if (device === undefined) return;
  switch (step.kind) {
    case 'call':
      return person.call(device, step.callee as UserID);
    case 'accept':
      return person.accept(device);
    case 'decline':
      return person.decline(device);
    case 'stop':
      return person.stop(device);
    case 'renegotiate':
      return person.renegotiate(device);
    case 'show':
      return person.show(device, step.video);
    case 'watch':
      return person.watch(device, step.user as UserID);
    case 'drop':
      device.drop(step.reload, step.noticedMs);
      return comesBack(world, device, step);
    case 'quit':
      device.quit();
      return comesBack(world, device, step);
  }
}

function comesBack(
  { clock }: World,
  device: Device,
  { backMs, gateway }: { backMs: number | undefined; gateway: string },
): void {
  if (backMs === undefined) return;
  clock.timer(backMs, () => {
    device.open(gateway);
  });
}

function actOfPlace(world: World, step: Extract<Step, { place: string }>): void {
  const { place } = step;
  switch (step.kind) {
    case 'crash':
      return world.vacate(place, step.backMs);
    case 'hazard':
      return world.hazards(place).add({
        ...{ kind: step.what, operation: step.operation, ms: step.backMs },
        onCrash: () => {
          world.vacate(place, step.backMs);
        },
      });
    case 'freeze':
      return world.processAt(place)?.freeze(step.ms);
    case 'cut off':
      return world.processAt(place)?.cutOff(step.ms, step.operation);
    case 'relieve':
      return relieve(world, place, step.backMs);
    case 'mishap':
      world.mishaps.set(place, step.what);
      return;
    case 'kms':
      return loseMedia(world, place);
  }
}

function relieve(world: World, place: string, backMs: number): void {
  const leaving = world.orchestrators.get(place);
  if (leaving?.process.isAlive !== true) return;
  leaving.stop(() => {
    if (leaving.process.isAlive) world.vacate(place, backMs);
  });
}

function loseMedia(world: World, place: string): void {
  const kms = world.mediaServers.get(place);
  const lost = [...(kms?.pipelines.values() ?? [])];
  kms?.pipelines.clear();
  const worker = world.workers.get(place);
  if (worker?.process.isAlive === true) worker.lost(lost);
}
