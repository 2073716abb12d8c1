/** A storm of connections is let in a few at a time. */
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { VirtualClock } from '@switchboard/event-log';
import { beforeEach, describe, expect, it } from 'vitest';
import { Door } from '../src/sockets/door.ts';

class FakeConnection extends EventEmitter {
  destroyed = false;
  isPaused = false;
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

/** Its timers come late by this much. */
class LateClock extends VirtualClock {
  lateMs = 0;
  override timer(ms: number, fn: () => void): () => void {
    return super.timer(ms + this.lateMs, fn);
  }
}

let clock: LateClock;
let door: Door;
let server: EventEmitter;
let taken: FakeConnection[];
let turnedAway: number;

beforeEach(() => {
  clock = new LateClock();
  server = new EventEmitter();
  taken = [];
  turnedAway = 0;
  server.on('connection', (socket: FakeConnection) => taken.push(socket));
  door = new Door({ clock, onTurnedAway: () => (turnedAway += 1) });
  door.guard(server as unknown as Server);
});

function arrive(count: number): FakeConnection[] {
  const all = Array.from({ length: count }, () => new FakeConnection());
  for (const socket of all) server.emit('connection', socket as unknown as Socket);
  return all;
}

describe('the door', () => {
  it('takes whoever comes alone at once', async () => {
    const [first] = arrive(1);
    expect(taken).toEqual([first]);
    await clock.advance(1000);
    const [second] = arrive(1);
    expect(taken).toEqual([first, second]);
  });

  it('lets many in eight at a time, in their order, and reads nothing of them before', async () => {
    const all = arrive(20);
    expect(taken).toEqual(all.slice(0, 8));
    expect(all.map(({ isPaused }) => isPaused)).toEqual(all.map((_, index) => index >= 8));
    await clock.advance(10);
    expect(taken).toEqual(all.slice(0, 16));
    const later = arrive(1);
    await clock.advance(10);
    expect(taken).toEqual([...all, ...later]);
    expect(taken.some(({ isPaused }) => isPaused)).toBe(false);
    expect(door.waiting).toBe(0);
  });

  it('lets in one at a time while the event loop is late', async () => {
    clock.lateMs = 10;
    arrive(20);
    await clock.advance(100);
    expect(taken).toHaveLength(8 + 5);
    clock.lateMs = 0;
    await clock.advance(40);
    expect(taken).toHaveLength(20);
  });

  it('turns away who waited for too long, or comes when too many wait', async () => {
    clock.lateMs = 90;
    const all = arrive(10_010);
    expect(turnedAway).toBe(2);
    expect(all.slice(-2).every(({ destroyed }) => destroyed)).toBe(true);
    await clock.advance(5000);
    expect(taken).toHaveLength(8 + 50);
    await clock.advance(200);
    expect(turnedAway).toBe(10_010 - taken.length);
    expect(taken.length).toBeLessThan(62);
    expect(door.waiting).toBe(0);
  });

  it('passes over those that have gone, also by an error', async () => {
    const all = arrive(20);
    all[8]?.destroy();
    all[9]?.emit('error', new Error('reset'));
    expect(all[9]?.destroyed).toBe(true);
    await clock.advance(10);
    expect(taken).toEqual([...all.slice(0, 8), ...all.slice(10, 18)]);
    expect(turnedAway).toBe(0);
    expect(all[10]?.listenerCount('error')).toBe(0);
  });
});
