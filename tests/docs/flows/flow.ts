/** One flow: a title, a few words, and the play that draws it. */
import type { Policy } from '@switchboard/call-model';
import type { Client } from '../stage/client.ts';
import { Stage } from '../stage/stage.ts';

export interface Flow {
  readonly title: string;
  /** What the diagram alone does not say. */
  readonly words: string;
  readonly policy?: Partial<Policy>;
  readonly play: (stage: Stage) => void;
}

export function played({ policy, play }: Pick<Flow, 'policy' | 'play'>): Stage {
  const stage = new Stage(policy);
  play(stage);
  stage.settle();
  return stage;
}

export interface Pair {
  readonly anna: Client;
  readonly ben: Client;
}

/** Anna at gateway g1 and Ben at g2 are logged in. */
export function two(stage: Stage): Pair {
  const [anna, ben] = [stage.client('anna', 'g1'), stage.client('ben', 'g2')];
  anna.login();
  ben.login();
  stage.settle();
  return { anna, ben };
}

/** Anna calls Ben, whose device rings. */
export function ring(stage: Stage): Pair {
  const pair = two(stage);
  pair.anna.call('ben');
  stage.settle();
  pair.ben.ringing();
  stage.settle();
  return pair;
}

export function connect(stage: Stage): Pair {
  const pair = ring(stage);
  pair.ben.accept();
  stage.settle();
  return pair;
}
