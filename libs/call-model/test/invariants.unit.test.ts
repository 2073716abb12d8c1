/**
 * The invariants of ARCHITECTURE.md under any order of messages: people do anything at any time, every link delivers in its
 * own order and no other order holds, gateways and workers die. What fast-check prints on a failure replays exactly.
 */
import type { CallID } from '@switchboard/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY, type CallState } from '../src/index.ts';
import { Story } from './story.ts';
import { World } from './world.ts';

const DEVICES = ['anna.1', 'anna.2', 'ben.1', 'ben.2', 'cleo.1'];
const USERS = ['anna', 'ben', 'cleo', 'nobody'];
const MOVES = ['attach', 'place', 'place', 'ringing', 'accept', 'accept', 'decline', 'stop', 'close'] as const;

type Move =
  | { readonly kind: 'deliver'; readonly pick: number }
  | {
      readonly kind: 'act';
      readonly what: (typeof MOVES)[number];
      readonly who: number;
      readonly whom: number;
      readonly call: number;
    }
  | { readonly kind: 'die'; readonly process: 'g1' | 'g2' | 'w1' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'media'; readonly media: World['media'] };

const index = fc.nat({ max: 30 });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('deliver' as const), pick: index }) },
  {
    weight: 35,
    arbitrary: fc.record({
      kind: fc.constant('act' as const),
      what: fc.constantFrom(...MOVES),
      who: index,
      whom: index,
      call: index,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('die' as const),
      process: fc.constantFrom('g1' as const, 'g2' as const, 'w1' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(100, 20_000, 60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('media' as const),
      media: fc.constantFrom('answers' as const, 'fails' as const, 'is silent' as const),
    }),
  },
);

class Play {
  readonly world = new World();
  readonly story = new Story(this.world);
  /** The newest first. */
  readonly calls: { readonly callID: CallID; readonly caller: string; readonly callee: string }[] = [];

  constructor() {
    for (const name of DEVICES) this.story.attach(name);
    this.world.settle();
  }

  step(move: Move): void {
    if (move.kind === 'deliver') this.deliver(move.pick);
    else if (move.kind === 'act') this.act(move);
    else if (move.kind === 'die') this.world.lost(move.process);
    else if (move.kind === 'wait') this.world.advance(move.ms);
    else this.world.media = move.media;
    this.checkAlways();
  }

  /** Everything arrives, and every deadline passes. */
  end(): void {
    this.world.settle();
    this.checkQuiet();
    for (const ms of [
      DEFAULT_POLICY.ringMs,
      DEFAULT_POLICY.setupMs,
      DEFAULT_POLICY.maxCallMs,
      DEFAULT_POLICY.checkMs,
    ]) {
      this.world.advance(ms);
      this.checkAlways();
    }
  }

  private deliver(pick: number): void {
    const waiting = this.world.waiting();
    const link = waiting[pick % Math.max(1, waiting.length)];
    if (link) this.world.deliver(link);
  }

  private act(move: Extract<Move, { kind: 'act' }>): void {
    const name = DEVICES[move.who % DEVICES.length] ?? '';
    if (move.what === 'attach') this.story.attach(name);
    else if (move.what === 'close') this.story.close(name);
    else if (move.what === 'place') this.place(name, USERS[move.whom % USERS.length] ?? '');
    else this.speak(move.what, move);
  }

  private place(name: string, callee: string): void {
    const callID = this.story.place(name, callee);
    this.calls.unshift({ callID, caller: name, callee });
  }

  /** Somebody who has to do with one of the last calls says something about it. */
  private speak(
    what: 'ringing' | 'accept' | 'decline' | 'stop',
    { who, whom, call }: { who: number; whom: number; call: number },
  ): void {
    const recent = this.calls[call % Math.max(1, Math.min(3, this.calls.length))];
    if (!recent) return;
    const name = what === 'stop' && whom % 2 === 0 ? recent.caller : `${recent.callee}.${String(1 + (who % 2))}`;
    this.story[what](name, recent.callID);
  }

  private live(): Exclude<CallState, { phase: 'ended' }>[] {
    return [...this.world.states.values()].filter((state) => state.kind === 'call' && state.phase !== 'ended') as never;
  }

  /** Invariants 1, 3, 4 and 7 hold after every step. */
  private checkAlways(): void {
    const connected = this.live().filter(({ phase }) => phase === 'connected');
    const users = connected.flatMap((call) => [call.caller.userID, call.calleeID]);
    expect(new Set(users).size, 'a user in two connected calls').toBe(users.length);
    const ends = this.world.events.filter(({ event }) => event.type === 'CallEnded').map(({ key }) => key);
    expect(new Set(ends).size, 'a call that ended twice').toBe(ends.length);
    const accepts = this.world.events.filter(({ event }) => event.type === 'CallAccepted').map(({ key }) => key);
    expect(new Set(accepts).size, 'a call accepted twice').toBe(accepts.length);
    for (const [version, times] of this.versions()) expect(times, `one version told twice: ${version}`).toBe(1);
    for (const name of this.world.joined) {
      expect(accepts, 'media before the callee accepted').toContain(`call:${name.split('/')[0] ?? ''}`);
    }
  }

  /** How often each device was told each version of each call: a client drops what it has seen. Routes are no news to it. */
  private versions(): Map<string, number> {
    const times = new Map<string, number>();
    for (const { to, message } of this.world.told) {
      if (!('n' in message) || message.type === 'Ended') continue;
      const version = `${to} ${message.callID} ${String(message.n)}`;
      times.set(version, (times.get(version) ?? 0) + 1);
    }
    return times;
  }

  /** Invariants 2 and 8 whenever no message is in flight: lines and calls agree about who is engaged, on which device. */
  private checkQuiet(): void {
    const engaged = new Map<string, string>();
    for (const state of this.world.states.values()) {
      if (state.kind === 'line' && state.engaged) engaged.set(state.userID, state.engaged.callID);
    }
    const held = this.live().flatMap((call): [string, string][] => [
      [call.caller.userID, call.callID],
      [call.calleeID, call.callID],
    ]);
    expect(engaged, 'lines and calls disagree').toEqual(new Map(held));
    for (const call of this.live()) {
      const devices = 'callee' in call ? [call.caller.device, call.callee.device] : [call.caller.device];
      for (const device of devices) expect(this.present(), 'a call on a device that is gone').toContain(device.session);
    }
    const placed = this.live().flatMap(({ callID, attempts }) =>
      attempts.map(({ attempt }) => `${callID}/${String(attempt)}`),
    );
    for (const name of this.world.pipelines) expect(placed, 'a pipeline of no call').toContain(name);
  }

  private present(): string[] {
    return [...this.world.states.values()].flatMap((state) =>
      state.kind === 'line' ? state.devices.map(({ session }) => session) : [],
    );
  }

  /** Invariants 2, 3 and 8: whenever no message is in flight and every deadline has passed. */
  checkEnd(): void {
    expect(this.live(), 'a call that never ends').toEqual([]);
    for (const state of this.world.states.values()) {
      if (state.kind === 'line') expect(state.engaged, 'a line that stays busy').toBeUndefined();
    }
    expect([...this.world.pipelines], 'a pipeline that stays').toEqual([]);
    this.checkTold();
  }

  /** Whoever rang or was in a call hears of its end, unless he ended it himself or had gone. */
  private checkTold(): void {
    const gone = new Set(
      this.world.events.flatMap(({ event }) => (event.type === 'DeviceDetached' ? [event.session] : [])),
    );
    for (const { to, message } of this.world.told) {
      if (message.type !== 'Incoming' || gone.has(to)) continue;
      const { callID } = message;
      const heard = this.world.told.some(
        (other) => other.to === to && other.message.type === 'Ended' && other.message.callID === callID,
      );
      const did = this.world.events.some(({ key, event }) => ownEnd(event, callID, key, to));
      expect(heard || did, `${to} was never told the end of ${callID}`).toBe(true);
    }
  }
}

/** Did this device's user stop the call himself? */
function ownEnd(event: World['events'][number]['event'], callID: CallID, key: string, to: string): boolean {
  return event.type === 'LineStopped' && event.callID === callID && key === `line:${to.split('.')[0] ?? ''}`;
}

test('the invariants hold under any order of messages, deaths and deeds', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120 }), (moves) => {
      const play = new Play();
      for (const each of moves) play.step(each);
      play.end();
      play.checkEnd();
    }),
    { numRuns: 1500 },
  );
});

test('folding the events gives exactly the state', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const play = new Play();
      for (const each of moves) play.step(each);
      const again = new World();
      again.fold(play.world.events);
      expect(again.states).toEqual(play.world.states);
    }),
    { numRuns: 300 },
  );
});
