import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AckPump } from '../src/kurento/ack-pump.ts';

class Socket extends EventEmitter {
  readonly readyState = 1;
  readonly ping = vi.fn();
  readonly terminate = vi.fn();
  send = vi.fn();
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function pumping(): { pump: AckPump; socket: Socket } {
  const pump = new AckPump(1);
  const socket = new Socket();
  pump.use(socket);
  pump.begin();
  return { pump, socket };
}

test('pings each millisecond while a request is in flight, and not after', () => {
  const { pump, socket } = pumping();
  vi.advanceTimersByTime(5);
  expect(socket.ping).toHaveBeenCalledTimes(5);
  pump.end();
  vi.advanceTimersByTime(50);
  expect(socket.ping).toHaveBeenCalledTimes(5);
});

test('a media server that is busy finds ten pings, not one per millisecond, and gets more once it answers', () => {
  const { socket } = pumping();
  vi.advanceTimersByTime(100);
  expect(socket.ping).toHaveBeenCalledTimes(10);
  socket.emit('pong');
  vi.advanceTimersByTime(3);
  expect(socket.ping).toHaveBeenCalledTimes(13);
});

test('a late pong of an old socket does not count for the new one', () => {
  const { pump, socket } = pumping();
  const next = new Socket();
  pump.use(next);
  vi.advanceTimersByTime(20);
  socket.emit('pong');
  vi.advanceTimersByTime(20);
  expect(next.ping).toHaveBeenCalledTimes(10);
});

test('a slow answer is work: no ping after a quarter of a second', () => {
  const { socket } = pumping();
  socket.ping.mockImplementation(() => socket.emit('pong'));
  vi.advanceTimersByTime(1_000);
  expect(socket.ping.mock.calls.length).toBeLessThanOrEqual(250);
});
