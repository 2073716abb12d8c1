/**
 * Draws the script of a seed: some calls, each with what people do around it, and some faults close to where it hurts. All chance
 * of what people and machines do is drawn here; only delays are drawn later, by name.
 */
import { Random } from '../engine/random.ts';
import { drawFaults } from './draw-faults.ts';
import { userOf, type Cast, type Script, type Step, type Timed } from './script.ts';

const users = ['anna', 'ben', 'cleo', 'dan'];
const startMs = 1500;

export function draw(seed: number): Script {
  const random = new Random(`script ${String(seed)}`);
  const cast = drawCast(random);
  const weather = random.pick(['still', 'breezy', 'breezy', 'breezy', 'stormy'] as const);
  const steps: Timed[] = [];
  const calls = random.whole(1, 5);
  for (let index = 0, at = startMs; index < calls; index += 1, at += random.whole(0, 1800)) {
    steps.push(...drawCall(random, cast, at));
  }
  const moments = steps.map(({ at }) => at);
  for (let left = random.pick([0, 1, 2, 3, 4, 6]); left > 0; left -= 1) {
    const at = Math.max(0, random.pick(moments) + random.whole(-60, 120));
    steps.push(...drawFaults(random, cast).map(({ after, step }) => ({ at: at + after, step })));
  }
  steps.sort((a, b) => a.at - b.at);
  return { seed, weather, offlineCallee: random.chance(0.3) ? 'wake' : 'unreachable', cast, steps };
}

function drawCast(random: Random): Cast {
  const devices = users.slice(0, random.whole(2, 4)).flatMap((user) => {
    const count = random.chance(0.6) ? 2 : 1;
    return Array.from({ length: count }, (_, index) => `${user}.${String(index + 1)}`);
  });
  return {
    orchestrators: random.chance(0.2) ? 3 : 2,
    gateways: random.whole(2, 3),
    workers: 2,
    devices: devices.map((name) => ({ name, native: !random.chance(0.12) })),
  };
}

function drawCall(random: Random, cast: Cast, at: number): Timed[] {
  const names = cast.devices.map(({ name }) => name);
  const device = random.pick(names);
  const others = names.filter((name) => userOf(name) !== userOf(device));
  const answers = random.pick(others);
  const callee = random.chance(0.03) ? 'nobody' : userOf(answers);
  const steps: Timed[] = [{ at, step: { kind: 'call', device, callee } }];
  const add = (after: number, step: Step) => steps.push({ at: at + Math.max(0, after), step });
  if (random.chance(0.22)) add(random.whole(0, 60), { kind: 'call', device: answers, callee: userOf(device) });
  const accepted = random.whole(30, 1500);
  drawAnswer(random, { names, answers, callee }, (after, step) => {
    add(accepted + after, step);
  });
  if (random.chance(0.18)) add(accepted + random.whole(-80, 40), { kind: 'stop', device });
  if (random.chance(0.5))
    add(accepted + random.whole(100, 4000), { kind: 'stop', device: random.pick([device, answers]) });
  if (random.chance(0.2)) add(random.whole(0, 4000), { kind: 'renegotiate', device: random.pick([device, answers]) });
  if (random.chance(0.1))
    add(random.whole(0, 4000), { kind: 'show', device: random.pick([device, answers]), video: false });
  if (random.chance(0.1)) add(random.whole(0, 1000), { kind: 'watch', device, user: callee });
  for (let left = random.pick([0, 0, 1, 1, 2]); left > 0; left -= 1)
    add(
      accepted + random.whole(-accepted, 2500),
      drawAbsence(random, cast, random.pick([device, answers, random.pick(names)])),
    );
  return steps;
}

function drawAnswer(
  random: Random,
  { names, answers, callee }: { names: readonly string[]; answers: string; callee: string },
  add: (after: number, step: Step) => void,
): void {
  const all = names.filter((name) => userOf(name) === callee);
  const fate = random.next();
  if (fate < 0.72) add(0, { kind: 'accept', device: answers });
  else if (fate < 0.84) add(0, { kind: 'decline', device: answers });
  if (all.length > 1 && random.chance(0.4)) {
    const kind = random.chance(0.75) ? 'accept' : 'decline';
    add(random.whole(-40, 40), { kind, device: random.pick(all) });
  }
}

function drawAbsence(random: Random, { gateways }: Cast, device: string): Step {
  const gateway = `g${String(random.whole(1, gateways))}`;
  const backMs = random.chance(0.08)
    ? undefined
    : random.chance(0.75)
      ? random.whole(0, 1500)
      : random.whole(1500, 6000);
  if (random.chance(0.12)) return { kind: 'quit', device, backMs, gateway };
  const noticedMs = random.chance(0.6) ? 0 : random.whole(1, 1500);
  return { kind: 'drop', device, reload: random.chance(0.35), noticedMs, backMs, gateway };
}
