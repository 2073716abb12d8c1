/**
 * Every order of messages, for two people: they call each other, cancel, accept, lose their sockets and come back. Whatever
 * happens, one call connects or all are over; what each client believes is so; nobody who did not ask is told of an end twice.
 */
import { describe, expect, test } from 'vitest';
import { checkFold, checkQuiet, checkTalking, liveCalls, must } from './checks.ts';
import { explore, type Script, type Step } from './explore.ts';
import { Story } from './story.ts';
import { World } from './world.ts';

const does =
  (what: (story: Story) => unknown): Step =>
  (story) => {
    what(story);
    return true;
  };
const place = (name: string, callee: string, index: number): Step =>
  does((story) => story.place(name, callee, { index }));
/** Its socket breaks, and it comes back on another gateway. */
const back = (name: string, fresh = false): Script => [
  does((story) => {
    story.close(name);
  }),
  does((story) => {
    story.attach(name, { gateway: 'g3', fresh });
  }),
];
/** Hangs up whatever its client believes to be in. */
const stop =
  (name: string): Step =>
  (story) => {
    if (!story.world.gateways.speaker(name)) return false;
    for (const callID of story.calls(name)) story.stop(name, callID);
    return true;
  };
/** Accepts what rings. */
const accept =
  (name: string): Step =>
  (story) => {
    const [callID] = story.calls(name);
    if (callID === undefined || !story.world.gateways.speaker(name)) return false;
    story.accept(name, callID);
    return true;
  };

/** Declines what rings. */
const decline =
  (name: string): Step =>
  (story) => {
    const [callID] = story.calls(name);
    if (callID === undefined || !story.world.gateways.speaker(name)) return false;
    story.decline(name, callID);
    return true;
  };

function start(names: readonly string[]): World {
  const world = new World();
  const story = new Story(world);
  names.forEach((name, index) => {
    story.attach(name, { gateway: `g${String(index + 1)}` });
  });
  world.settle();
  world.told.length = 0;
  return world;
}

/** What workers say and hear, and what gateways hear, follows at once. */
const eager = (link: string): boolean => link.includes('w') || link.includes('>g');

/** `connects`: in every order, in none, or in some. */
type Connects = 'always' | 'never' | 'sometimes';

function play(names: readonly string[], actors: readonly Script[], connects: Connects): void {
  const outcomes = new Set<boolean>();
  explore({
    start: start(names),
    actors,
    eager,
    // Where it would be too much, the orders of single messages must do.
    together: names.includes('ida.1') || actors.flat().length < 4 || actors.length === 1,
    atEnd: (world, all) => {
      checkQuiet(world);
      checkTalking(world);
      must(liveCalls(world).length < 2, 'two calls live');
      const busy = world.told.find(({ message }) => message.type === 'Ended' && message.reason === 'busy');
      must(!busy || names.length > 2, `${busy?.to ?? ''} was told busy`);
      if (all) outcomes.add(liveCalls(world).some(({ phase }) => phase === 'connected'));
    },
  });
  const expected = { always: [true], never: [false], sometimes: [false, true] }[connects];
  expect([...outcomes].sort()).toEqual(expected);
}

/** Anna and Ben are in different partitions, Anna and Ida in the same one. */
describe.each(['ben', 'ida'])('anna and %s call each other', (other) => {
  const names = ['anna.1', `${other}.1`] as const;
  const [a, b] = names;
  const rows: [string, Script, Script, Connects][] = [
    ['and are connected', [], [], 'always'],
    ['and the winner cancels', [stop(a)], [], 'never'],
    ['and the loser cancels', [], [stop(b)], 'never'],
    ['and both cancel', [stop(a)], [stop(b)], 'never'],
    ['and the winner loses the socket', back(a), [], 'sometimes'],
    ['and the loser loses the socket', [], back(b), 'sometimes'],
    ['and the loser reloads', [], back(b, true), 'sometimes'],
  ];
  test.each(rows)('%s', (_, ofWinner, ofLoser, connects) => {
    play(
      names,
      [
        [place(a, other, 1), ...ofWinner],
        [place(b, 'anna', 2), ...ofLoser],
      ],
      connects,
    );
  });

  test('and the winner hangs up and dials again', () => {
    play(names, [[place(a, other, 1), stop(a), place(a, other, 3)], [place(b, 'anna', 2)]], 'sometimes');
  });
});

describe.each(['ben', 'ida'])('anna calls %s, who accepts', (callee) => {
  const names = ['anna.1', `${callee}.1`] as const;
  const [a, b] = names;
  const rows: [string, Script, Script, Connects][] = [
    ['while she cancels', [stop(a)], [accept(b)], 'never'],
    ['not, but calls her', [], [decline(b), place(b, 'anna', 2)], 'never'],
    ['while she loses the socket', back(a), [accept(b)], 'always'],
    ['while she reloads', back(a, true), [accept(b)], 'always'],
    ['and loses the socket', [], [accept(b), ...back(b)], 'always'],
    ['and reloads', [], [accept(b), ...back(b, true)], 'always'],
    ['after losing the socket', [], [...back(b), accept(b)], 'always'],
    ['and hangs up', [], [accept(b), stop(b)], 'never'],
    ['and loses the socket while she hangs up', [stop(a)], [accept(b), ...back(b)], 'never'],
  ];
  test.each(rows)('%s', (_, ofCaller, ofCallee, connects) => {
    play(names, [[place(a, callee, 1), ...ofCaller], ofCallee], connects);
  });
});

test('anna calls ida, who accepts, and both lose their sockets', () => {
  const actors = [
    [place('anna.1', 'ida', 1), ...back('anna.1')],
    [accept('ida.1'), ...back('ida.1')],
  ];
  play(['anna.1', 'ida.1'], actors, 'always');
});

describe.each(['ben', 'ida'])('anna talks with %s, who hangs up and calls her at once', (peer) => {
  const names = ['anna.1', `${peer}.1`] as const;
  const [a, b] = names;
  test.each([1, 3])('as call %d', (index) => {
    play(names, [[place(a, peer, 2), accept(b), stop(b), place(b, 'anna', index)]], 'never');
  });
});

/** The media servers that have something on them lose it, one after the other. */
const loses: Step = ({ world }) => {
  const [pipeline] = world.workers.pipelines.values();
  if (!pipeline) return false;
  world.workers.lost(pipeline.workerID);
  return true;
};
/** With its worker. */
const dies: Step = ({ world }) => {
  const [pipeline] = world.workers.pipelines.values();
  if (!pipeline) return false;
  world.lost(pipeline.workerID);
  return true;
};

describe.each(['ben', 'ida'])('anna calls %s, who accepts, and the media server is lost', (callee) => {
  const names = ['anna.1', `${callee}.1`] as const;
  const [a, b] = names;
  const rows: [string, { caller?: Script; callee?: Script; server: Script }, Connects][] = [
    ['', { server: [loses] }, 'always'],
    ['with its worker', { server: [dies] }, 'always'],
    ['and the next one', { server: [loses, dies] }, 'always'],
    ['while she cancels', { caller: [stop(a)], server: [loses] }, 'never'],
    ['while he hangs up', { callee: [stop(b)], server: [dies] }, 'never'],
    ['while she loses the socket', { caller: back(a), server: [loses] }, 'always'],
    ['while he loses the socket', { callee: back(b), server: [dies] }, 'always'],
    ['while she reloads', { caller: back(a, true), server: [dies] }, 'always'],
    ['while he reloads', { callee: back(b, true), server: [loses] }, 'always'],
  ];
  test.each(rows)('%s', (_, { caller = [], callee: ofCallee = [], server }, connects) => {
    play(names, [[place(a, callee, 1), ...caller], [accept(b), ...ofCallee], server], connects);
  });
});

describe('with two devices of the callee', () => {
  const names = ['anna.1', 'ben.1', 'ben.2'];
  const ring = place('anna.1', 'ben', 2);
  const rows: [string, Script, Script, Connects][] = [
    ['both accept', [accept('ben.1')], [accept('ben.2')], 'always'],
    ['one accepts while the other calls back', [accept('ben.1')], [place('ben.2', 'anna', 1)], 'always'],
    ['one accepts while the other declines', [accept('ben.1')], [stop('ben.2')], 'sometimes'],
    ['one declines while the other comes back', [stop('ben.1')], back('ben.2'), 'never'],
  ];
  test.each(rows)('%s', (_, ofOne, ofOther, connects) => {
    play(names, [[ring], ofOne, ofOther], connects);
  });
});

test('the events of any order fold to its states', () => {
  explore({
    start: start(['anna.1', 'ben.1']),
    actors: [[place('anna.1', 'ben', 1)], [place('ben.1', 'anna', 2)]],
    eager,
    together: false,
    atEnd: checkFold,
  });
});
