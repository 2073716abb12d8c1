/**
 * Plays a script to its end: people come, the story happens, then all is repaired and left alone until every deadline has passed.
 * The same script always plays the same.
 */
import type { Violation } from './checks/violation.ts';
import { checkEnd } from './checks/end-checks.ts';
import { Settled } from './checks/settled.ts';
import { hash } from './engine/random.ts';
import { act } from './script/act.ts';
import type { Script } from './script/script.ts';
import { World, type Trace } from './world.ts';

export interface Result {
  readonly violation: Violation | undefined;
  /** Of everything that was written to the log: two runs of a script agree. */
  readonly digest: number;
  readonly commits: number;
  /** How often no message was in flight, and the quiet invariants were looked at. */
  readonly looks: number;
  /** ms of the run. */
  readonly lasted: number;
}

/** Longer than every deadline and every death together. */
const longestEndMs = 40_000;

export async function run(script: Script, trace?: Trace): Promise<Result> {
  const random = Math.random;
  Math.random = () => {
    throw new Error('chance that is not of the seed');
  };
  try {
    return await play(new World(script, trace), script);
  } finally {
    Math.random = random;
  }
}

async function play(world: World, script: Script): Promise<Result> {
  const { clock } = world;
  const settled = new Settled(world);
  const storyEnds = Math.max(0, ...script.steps.map(({ at }) => at)) + 1;
  for (const [index, device] of [...world.devices.values()].entries())
    clock.timer(50 + 10 * index, () => {
      device.open(`g${String(1 + (index % script.cast.gateways))}`);
    });
  for (const { at, step } of script.steps)
    clock.timer(at, () => {
      act(world, step);
    });
  const broken = () => {
    settled.look();
    return world.violation !== undefined;
  };
  await clock.run(storyEnds, broken);
  if (world.violation === undefined) await end(world, settled, broken);
  for (const place of world.places()) world.processAt(place)?.kill();
  const { commits, digest } = world.record;
  return { violation: world.violation, digest: hash(digest), commits, looks: settled.looks, lasted: clock.monotonic() };
}

/** Nothing new breaks; what is broken comes back by itself. */
async function end(world: World, settled: Settled, broken: () => boolean): Promise<void> {
  const { clock } = world;
  for (const place of world.places()) world.hazards(place).clear();
  world.mishaps.clear();
  const limit = clock.monotonic() + longestEndMs;
  while (world.violation === undefined && clock.monotonic() < limit) {
    await clock.run(clock.monotonic() + 250, broken);
    if (settled.isOver()) break;
  }
  if (world.violation === undefined) await checkEnd(world, settled);
}
