/**
 * Events and states that an older version has written are read as they were meant: during a rolling upgrade, calls that are live
 * go on with the new code.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModel, DEFAULT_POLICY, type Event, type State } from '@switchboard/call-model';
import type { CallID, Command, UserID, WorkerID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../docs/events.ts';
import { played } from '../docs/flows/index.ts';
import { PARTITIONS } from '../docs/stage/stage.ts';
import { record } from './record.ts';
import { recordings, stored, type Recording } from './recording.ts';
import { STORIES } from './stories.ts';

const model = createModel({ partitions: PARTITIONS, policy: DEFAULT_POLICY });
const FOLDER = dirname(fileURLToPath(import.meta.url));
const all = recordings(FOLDER);
const named = all.map((recording) => ({ title: `${recording.version}/${recording.name}`, ...recording }));
const states = all.flatMap(({ lines }) => lines.flatMap(({ state }) => (state ? [state] : [])));

/** Later than every deadline. */
const LATE = 1e15;

function fold(state: State | undefined, events: readonly Event[]): State | undefined {
  for (const event of events) {
    model.effects(event);
    state = model.evolve(state, event);
  }
  return state;
}

const after = (state: State | undefined, command: Command, now = 0): State | undefined =>
  fold(state, model.decide(state, command, now));

/** A state may have new fields, of names that this recording knew nothing of. Everything else is as it was. */
function known(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((each) => known(each, names));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => names.has(name));
  return Object.fromEntries(entries.map(([name, each]) => [name, known(each, names)]));
}

function namesIn(version: string): Set<string> {
  const names = new Set<string>();
  for (const { lines } of all.filter((recording) => recording.version === version)) {
    JSON.stringify(lines, (name, value: unknown) => (names.add(name), value));
  }
  return names;
}

const fieldsOf = (events: readonly Event[]): Set<string> =>
  new Set(events.flatMap((event) => Object.keys(stored(event) ?? {}).map((name) => `${event.type}.${name}`)));

const namesOf = new Map([...new Set(all.map(({ version }) => version))].map((version) => [version, namesIn(version)]));

const asRecorded = ({ version }: Recording, state: State | undefined): unknown =>
  known(stored(state), namesOf.get(version) ?? new Set());

describe('the recordings', () => {
  it('have every type of event', () => {
    const recorded = new Set(all.flatMap(({ lines }) => lines.map(({ event }) => event.type)));
    expect(EVENT_TYPES.filter((type) => !recorded.has(type as Event['type']))).toEqual([]);
  });

  it('have every field of every event', () => {
    const recorded = fieldsOf(all.flatMap(({ lines }) => lines.map(({ event }) => event)));
    const today = fieldsOf(STORIES.flatMap((story) => played(story).events.map(({ event }) => event)));
    const missing = [...today].filter((field) => !recorded.has(field));
    expect(missing, 'record the next version: tests/replay/README.md').toEqual([]);
  });

  it('are never written over', () => {
    expect(() => record(FOLDER, 'v1')).toThrow('recorded already');
  });

  it('have calls in every phase, and Lines in every engagement', () => {
    const kinds = states.map((state) => (state.kind === 'call' ? state.phase : (state.engaged?.kind ?? 'free')));
    const expected = ['callee', 'caller', 'connected', 'connecting', 'ended', 'free', 'inviting', 'ringing'];
    expect([...new Set(kinds)].sort()).toEqual(expected);
  });
});

describe.each(named)('$title', (recording) => {
  it('folds to the states that it had', () => {
    const folded = new Map<string, State | undefined>();
    for (const { key, event, state } of recording.lines) {
      folded.set(key, model.evolve(folded.get(key), event));
      expect(asRecorded(recording, folded.get(key)), `${key} after ${event.type}`).toEqual(state);
    }
  });

  it('goes on from each state as it was stored', () => {
    const before = new Map<string, State | null>();
    for (const { key, event, state } of recording.lines) {
      const next = fold(before.get(key) ?? undefined, [event]);
      expect(asRecorded(recording, next), `${key} after ${event.type}`).toEqual(state);
      before.set(key, state);
    }
  });
});

describe('from each recorded state', () => {
  const calls = states.filter((state) => state.kind === 'call');
  const live = calls.filter((call) => call.phase !== 'ended');
  const lines = states.filter((state) => state.kind === 'line');
  const phaseOf = (state: State | undefined) => (state?.kind === 'call' ? state.phase : undefined);

  it('a live call ends when its time is over', () => {
    for (const call of live) {
      expect(model.facts(call).deadline).toBeTypeOf('number');
      expect(phaseOf(after(call, { type: 'WakeCall', callID: call.callID }, LATE))).toBe('ended');
    }
  });

  it('a live call ends when a party stops it, or leaves', () => {
    for (const call of live) {
      const { callID, caller, calleeID } = call;
      for (const type of ['PartyStopped', 'PartyLeft'] as const) {
        for (const userID of [caller.userID, calleeID]) {
          expect(phaseOf(after(call, { type, callID, userID }))).toBe('ended');
        }
      }
    }
  });

  it('a live call takes a party that comes back', () => {
    for (const call of live) {
      const { callID, caller } = call;
      const device = { ...caller.device, connection: caller.device.connection + 1 };
      const next = after(call, { type: 'PartyHere', callID, userID: caller.userID, device, fresh: true });
      expect(next).toMatchObject({ phase: call.phase, caller: { device, link: 'here', leg: 'void' } });
    }
  });

  it('a call outlives any command about it', () => {
    for (const call of calls) {
      for (const command of strangeCommands(call.callID)) after(call, command, LATE);
    }
    expect(calls.length).toBeGreaterThan(100);
  });

  it('an ended call is forgotten', () => {
    for (const call of calls.filter(({ phase }) => phase === 'ended')) {
      expect(after(call, { type: 'WakeCall', callID: call.callID }, LATE)).toBeUndefined();
    }
  });

  it('a Line is freed, and forgotten once all of its devices are gone', () => {
    for (const line of lines) {
      const { userID, devices, watchers } = line;
      const ending = { reason: 'completed', endedBy: 'caller', phase: 'connected' } as const;
      const engaged = (now: State | undefined) => (now?.kind === 'line' ? now.engaged : undefined);
      let state: State | undefined = line;
      // A ring that was held back follows the call that held it.
      for (let calls = 0; engaged(state) && calls < 2; calls += 1) {
        const callID = engaged(state)?.callID ?? ('' as CallID);
        state = after(state, { type: 'Release', userID, callID, n: 99, ...ending });
      }
      expect(engaged(state)).toBeUndefined();
      for (const { socket } of devices) state = after(state, { type: 'CloseSocket', userID, socket, resumable: false });
      for (const gateway of watchers) state = after(state, { type: 'GatewayLost', userID, gateway });
      expect(after(state, { type: 'WakeLine', userID }, LATE)).toBeUndefined();
    }
  });
});

function strangeCommands(callID: CallID): Command[] {
  const userID = 'cleo' as UserID;
  const workerID = 'w9' as WorkerID;
  return [
    { type: 'CalleeAlerted', callID, waiting: false },
    { type: 'CalleeRefused', callID, reason: 'busy' },
    { type: 'AskCall', callID, userID },
    { type: 'WorkerLost', callID, workerID },
    { type: 'WorkerChosen', callID, attempt: 1, workerID },
    { type: 'AttemptReleased', callID, attempt: 1, workerID },
    { type: 'Supersede', callID, by: callID },
  ];
}
