/** The invariants of ARCHITECTURE.md, as what must be true of a world: always, when nothing is in flight, and in the end. */
import type { CallID, Device } from '@switchboard/protocol';
import { expect } from 'vitest';
import type { CallState, LineState, LiveCall, Party } from '../src/index.ts';
import type { Client } from './clients.ts';
import type { Told } from './gateways.ts';
import { World } from './world.ts';

const callsOf = (world: World): CallState[] => [...world.states.values()].filter((state) => state.kind === 'call');
const linesOf = (world: World): LineState[] => [...world.states.values()].filter((state) => state.kind === 'line');
export const liveCalls = (world: World): LiveCall[] =>
  callsOf(world).filter((call): call is LiveCall => call.phase !== 'ended');

/** Cheap as long as it holds: it is asked a million times. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
const same = (what: string, found: readonly unknown[], expected: readonly unknown[]): void => {
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, what).toEqual(expected);
};

/** Invariants 1, 3, 4 and 7, after each step: it remembers what it has seen. */
export class Watch {
  private events = 0;
  private told = 0;
  private readonly once = new Set<string>();

  check(world: World): void {
    for (const { key, event } of world.events.slice(this.events)) {
      if (event.type === 'CallEnded' || event.type === 'CallAccepted') this.happens(`${event.type} ${key}`);
    }
    for (const told of world.told.slice(this.told)) this.hears(told);
    this.events = world.events.length;
    this.told = world.told.length;
    checkConnected(world);
    for (const { callID, joined } of world.workers.pipelines.values()) {
      must(!joined || this.once.has(`CallAccepted call:${callID}`), 'media before the callee accepted');
    }
  }

  /** A client drops a version that it has seen. It rings as often as it is told, and what is over is over. */
  private hears({ to, message }: Told): void {
    if (!('n' in message) || message.type === 'Ended' || message.type === 'Incoming') return;
    this.happens(`${to} was told version ${String(message.n)} of ${message.callID}`);
  }

  private happens(what: string): void {
    must(!this.once.has(what), `${what}, twice`);
    this.once.add(what);
  }
}

/** Invariant 1. */
export function checkConnected(world: World): void {
  const connected = liveCalls(world).filter(({ phase }) => phase === 'connected');
  const users = connected.flatMap((call) => [call.caller.userID, call.calleeID]);
  must(new Set(users).size === users.length, 'a user in two connected calls');
}

/** Invariants 2 and 8, when nothing is in flight: lines, calls, clients and workers agree. */
export function checkQuiet(world: World): void {
  same('in flight', world.waiting(), []);
  checkLines(world);
  for (const client of world.gateways.clients.values()) checkClient(world, client);
  for (const call of liveCalls(world)) checkAttempts(world, call);
  const placed = liveCalls(world).flatMap(({ callID, media }) => {
    return media.kind === 'placed' ? [nameOf(callID, media.attempt)] : [];
  });
  for (const name of world.workers.pipelines.keys()) must(placed.includes(name), `a pipeline of no call: ${name}`);
}

/** What was lost or refused is released, but for what its worker died with. */
function checkAttempts(world: World, { callID, media, attempts }: LiveCall): void {
  const current = media.kind === 'placed' ? media.attempt : undefined;
  const open = attempts.filter(({ attempt, workerID }) => attempt !== current && !world.dead.has(workerID));
  must(open.length === 0, `an attempt of ${callID} that nobody releases`);
}

const nameOf = (callID: CallID, attempt: number): string => `${callID}/${String(attempt)}`;

function checkLines(world: World): void {
  const lines = linesOf(world);
  const engaged = lines.flatMap((line) => (line.engaged ? [`${line.userID} ${line.engaged.callID}`] : []));
  const held = liveCalls(world).flatMap(({ caller, calleeID, callID }) => [
    `${caller.userID} ${callID}`,
    `${calleeID} ${callID}`,
  ]);
  same('lines and calls disagree', engaged.sort(), held.sort());
  for (const call of liveCalls(world)) {
    const parties = 'callee' in call ? [call.caller, call.callee] : [call.caller];
    for (const { userID, device, link } of parties) {
      const devices = lines.find((each) => each.userID === userID)?.devices;
      const there = devices?.find((each) => each.device.session === device.session);
      const where = there ? [there.link.kind === 'up' ? 'here' : 'away', there.device.connection] : ['gone'];
      same(`where ${userID} is`, [link, device.connection], where);
    }
  }
}

/** A client with a socket is in the calls that its Line says, and in no others. */
function checkClient(world: World, { name, session, calls }: Client): void {
  if (!world.gateways.speaker(name) || session === undefined) return;
  const line = world.states.get(`line:${name.split('.')[0] ?? ''}`);
  const engaged = line?.kind === 'line' ? line.engaged : undefined;
  const its = engaged?.kind === 'ringing' ? engaged.sessions.includes(session) : engaged?.session === session;
  same(`the calls of ${name}`, [...calls], engaged && its ? [engaged.callID] : []);
}

/** With workers that answer, two parties whose clients are there are connected. */
export function checkTalking(world: World): void {
  for (const call of liveCalls(world)) {
    if (call.phase !== 'connecting' && call.phase !== 'connected') continue;
    const parties = [call.caller, call.callee];
    const waits = call.phase === 'connecting' || call.rebuildUntil !== undefined;
    must(!waits || !parties.every(({ device }) => speaks(world, device)), `${call.callID} waits for media`);
    must(
      waits || parties.every((party) => party.leg === 'connected' || isMadeAnew(world, party)),
      'a leg that is not up',
    );
  }
}

/** By a client that is not there to finish it. */
const isMadeAnew = (world: World, { device }: Party): boolean => !speaks(world, device);

/** A client may have left for another gateway before the socket that it had was closed. */
function speaks(world: World, { session, connection }: Device): boolean {
  const sockets = [...world.gateways.clients.keys()].map((name) => world.gateways.speaker(name));
  return sockets.some((socket) => socket?.session === session && socket.connection === connection);
}

/** Invariants 2, 3 and 8, when every deadline has passed. */
export function checkEnd(world: World): void {
  same('a call that never ends', liveCalls(world), []);
  for (const line of linesOf(world)) must(!line.engaged, 'a line that stays busy');
  same('a pipeline that stays', [...world.workers.pipelines], []);
  same('each call ends', keysOf(world, 'CallEnded').sort(), keysOf(world, 'CallStarted').sort());
}

const keysOf = (world: World, type: string): string[] =>
  world.events.filter(({ event }) => event.type === type).map(({ key }) => key);

/** Folding the events gives exactly the states, and they survive being stored. */
export function checkFold(world: World): void {
  const again = new World(world.policy);
  again.fold(world.events);
  expect(again.states).toEqual(world.states);
  for (const state of world.states.values()) expect(JSON.parse(JSON.stringify(state))).toEqual(state);
}
