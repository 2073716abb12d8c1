/**
 * Every order in which a few people can do a few things, and in which links can deliver: a depth-first walk over worlds, each
 * one visited once.
 */
import { checkConnected, Watch } from './checks.ts';
import { Story } from './story.ts';
import type { World } from './world.ts';

/** What somebody does next; `false`: he cannot yet. */
export type Step = (story: Story) => boolean;
export type Script = readonly Step[];

interface Exploration {
  readonly start: World;
  readonly actors: readonly Script[];
  /** Links whose order against the others is of no interest: they deliver at once. */
  readonly eager: (link: string) => boolean;
  /** Partitions also take all that waits for them at once. */
  readonly together: boolean;
  /** Nothing is in flight, and nobody can do more. `all`: everybody did all. */
  readonly atEnd: (world: World, all: boolean) => void;
}

interface Node {
  readonly world: World;
  readonly done: readonly number[];
}

/** How many worlds there were. */
export function explore({ start, actors, eager, together, atEnd }: Exploration): number {
  const seen = new Set<string>();
  const nodes: Node[] = [{ world: start, done: actors.map(() => 0) }];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    hurry(node.world, eager);
    checkConnected(node.world);
    const signature = JSON.stringify(node.done) + node.world.signature();
    if (seen.has(signature)) continue;
    seen.add(signature);
    const next = [...successors(node, actors), ...(together ? crowded(node) : [])];
    nodes.push(...next);
    if (next.length > 0) continue;
    new Watch().check(node.world);
    const { done } = node;
    atEnd(
      node.world,
      actors.every((script, index) => done[index] === script.length),
    );
  }
  return seen.size;
}

function hurry(world: World, eager: (link: string) => boolean): void {
  for (let link = world.waiting().find(eager); link; link = world.waiting().find(eager)) world.deliver(link);
}

function crowded({ world, done }: Node): Node[] {
  return crowds(world).map((links) => {
    const next = world.fork();
    next.deliverTogether(links);
    return { world: next, done };
  });
}

/** All that waits for one partition, in one order and in the other. A link may bring two messages. */
function crowds(world: World): string[][] {
  const byPartition = new Map<string, string[]>();
  for (const link of world.waiting()) {
    const partition = link.split('>')[1] ?? '';
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), link, link]);
  }
  return [...byPartition.values()].flatMap((links) => [links, links.toReversed()]);
}

function successors({ world, done }: Node, actors: readonly Script[]): Node[] {
  const deliveries = world.waiting().map((link) => {
    const next = world.fork();
    next.deliver(link);
    return { world: next, done };
  });
  const steps = actors.flatMap((script, actor) => {
    const next = world.fork();
    if (!script[done[actor] ?? 0]?.(new Story(next))) return [];
    return [{ world: next, done: done.map((each, index) => (index === actor ? each + 1 : each)) }];
  });
  return [...deliveries, ...steps];
}
