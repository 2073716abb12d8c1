/** What breaks. Crashes come at the operations between which something could be lost. */
import type { Random } from '../engine/random.ts';
import type { Cast, Step } from './script.ts';

const operations = {
  o: ['commit', 'commit', 'commit', 'append', 'append', 'load', 'read', 'events', 'blobs', 'due', 'take', undefined],
  g: ['append', 'append', 'settle', 'wait', undefined],
  w: ['append', 'settle', 'wait', undefined],
} as const;

/** Some are two: the second comes `after` the first, ms. */
export function drawFaults(random: Random, cast: Cast): { readonly after: number; readonly step: Step }[] {
  const fate = random.next();
  if (fate < 0.08) return drawLostAppends(random, cast);
  return [{ after: 0, step: fate < 0.58 ? drawHazard(random, cast) : drawTrouble(random, cast, (fate - 0.58) / 0.42) }];
}

/** One node of the store is away: commits go through and their messages do not; then the owner dies. */
function drawLostAppends(random: Random, cast: Cast): { readonly after: number; readonly step: Step }[] {
  const place = pickOf(random, 'o', cast.orchestrators);
  const ms = random.whole(50, 600);
  return [
    { after: 0, step: { kind: 'cut off', place, ms, operation: 'append' } },
    { after: ms - 1, step: { kind: 'crash', place, backMs: drawBack(random) } },
  ];
}

function drawTrouble(random: Random, cast: Cast, fate: number): Step {
  if (fate < 0.3) return { kind: 'crash', place: drawPlace(random, cast), backMs: drawBack(random) };
  if (fate < 0.45) return { kind: 'freeze', place: drawPlace(random, cast), ms: random.whole(100, 5000) };
  if (fate < 0.6)
    return { kind: 'cut off', place: drawPlace(random, cast), ms: random.whole(100, 4000), operation: undefined };
  if (fate < 0.72) return { kind: 'relieve', place: pickOf(random, 'o', cast.orchestrators), backMs: drawBack(random) };
  if (fate < 0.8) return { kind: 'outage', ms: random.whole(100, 3000) };
  if (fate > 0.88) return { kind: 'kms', place: pickOf(random, 'w', cast.workers) };
  const what = random.pick(['fails', 'is silent', 'is full'] as const);
  return { kind: 'mishap', place: pickOf(random, 'w', cast.workers), what };
}

const kinds = ['refused', 'reply lost', 'crash before', 'crash after', 'freeze before', 'freeze after'] as const;

function drawHazard(random: Random, cast: Cast): Step {
  const place = drawPlace(random, cast);
  const operation = random.pick<string | undefined>(operations[place[0] as 'o' | 'g' | 'w']);
  return { kind: 'hazard', place, what: random.pick(kinds), operation, backMs: drawBack(random) };
}

function drawPlace(random: Random, { orchestrators, gateways, workers }: Cast): string {
  const fate = random.next();
  if (fate < 0.65) return pickOf(random, 'o', orchestrators);
  return fate < 0.88 ? pickOf(random, 'g', gateways) : pickOf(random, 'w', workers);
}

const pickOf = (random: Random, kind: string, count: number): string => `${kind}${String(random.whole(1, count))}`;

const drawBack = (random: Random): number => (random.chance(0.7) ? random.whole(50, 1500) : random.whole(1500, 6000));
