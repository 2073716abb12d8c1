/** A fault: what can happen to a running Switchboard, and what must be true then. One file each; the table is in `index.ts`. */
import type { Random } from '../../simulation/engine/random.ts';
import type { Stage } from '../stage/stage.ts';

export interface Fault {
  readonly name: string;
  /** For the table of docs/reliability.md. */
  readonly what: string;
  /** What the recovery times are of. */
  readonly recovery: string;
  /** For the tests: the longest recovery that a machine of two busy cores may need. */
  readonly withinMs: number;
  /** Does it, undoes it where somebody would (a supervisor, a network that is mended), and waits until its own effect is over. */
  strike(stage: Stage, random: Random): Promise<Blow>;
}

export interface Blow {
  /** One for each that had to recover; empty: the time until `Stage.recovered` counts, from `since` on. */
  readonly recoveriesMs: readonly number[];
  /** `performance.now()` when recovery could begin: the fault, or its end. */
  readonly since: number;
  /** Which process or way, and how. */
  readonly told: string;
  /** What else was found wrong; empty: nothing. */
  readonly wrong?: readonly string[];
}
