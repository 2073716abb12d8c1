import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, Proxy } from '../src/index.ts';

/** Answers each line with `did <line>`, and keeps what it did. */
let server: Server;
let done: string[] = [];
let proxy: Proxy;
beforeEach(async () => {
  done = [];
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      done.push(data.toString());
      socket.write(`did ${data.toString()}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await Proxy.start((server.address() as { port: number }).port);
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

function client(): { socket: Socket; heard: () => string; closed: () => boolean } {
  const socket = connect(proxy.port, '127.0.0.1');
  let heard = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => (heard += data.toString()));
  return { socket, heard: () => heard, closed: () => socket.closed };
}

test('a cut breaks what is there and refuses what comes, until it is mended', async () => {
  const one = client();
  one.socket.write('a');
  await eventually('the answer', () => one.heard() === 'did a');
  proxy.cut();
  await eventually('it is broken', one.closed);
  await eventually('another one is refused', client().closed);
  proxy.mend();
  const next = client();
  next.socket.write('b');
  await eventually('the answer', () => next.heard() === 'did b');
});

test('silence holds everything back, in order, and breaks nothing', async () => {
  const one = client();
  one.socket.write('a');
  await eventually('the answer', () => one.heard() === 'did a');
  proxy.silence();
  one.socket.write('b');
  const other = client();
  other.socket.write('c');
  proxy.slow(50);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([done, one.heard(), one.closed(), other.closed()]).toEqual([['a'], 'did a', false, false]);
  proxy.mend();
  await eventually('what was held arrives', () => one.heard() === 'did adid b' && other.heard() === 'did c');
});

test('a slow way is slow in one direction', async () => {
  const one = client();
  proxy.slow(150);
  const began = performance.now();
  one.socket.write('a');
  await eventually('the answer', () => one.heard() === 'did a');
  expect(performance.now() - began).toBeGreaterThan(145);
});

test('a lost reply takes its connection along; the request was carried out, the next ones are answered', async () => {
  const one = client();
  proxy.loseReplies(1);
  one.socket.write('a');
  await eventually('it is broken', one.closed);
  expect([done, one.heard(), proxy.repliesToLose]).toEqual([['a'], '', 0]);
  const next = client();
  next.socket.write('b');
  await eventually('the answer', () => next.heard() === 'did b');
});
