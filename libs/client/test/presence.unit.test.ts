import { expect, it } from 'vitest';
import type { PresenceOf } from '../src/index.ts';
import { breakSocket, comeBack, online, page } from './harness.ts';

it('a list is watched, and replaced by the next', async () => {
  const { alice, browser } = await online();
  const { socket } = browser;
  const seen: PresenceOf[] = [];
  alice.on('presence', (news) => seen.push(news));
  alice.watch(['bob', 'carol', 'bob']);
  expect(socket.last()).toEqual({ type: 'presence', userIDs: ['bob', 'carol'] });
  socket.say({ type: 'presenceChanged', userID: 'bob', state: 'busy' });
  socket.say({ type: 'presenceChanged', userID: 'bob', state: 'busy' });
  socket.say({ type: 'presenceChanged', userID: 'dave', state: 'online' });
  expect(seen).toEqual([{ userID: 'bob', state: 'busy' }]);
  expect(['bob', 'carol', 'dave'].map((userID) => alice.presenceOf(userID))).toEqual(['busy', undefined, undefined]);
  alice.watch([]);
  expect(socket.last()).toEqual({ type: 'presence', userIDs: [] });
  expect(alice.presenceOf('bob')).toBeUndefined();
});

it('no more than 500 users are watched', async () => {
  const { alice, browser } = await online();
  alice.watch(Array.from({ length: 600 }, (_, index) => `u${String(index)}`));
  expect(browser.socket.last()?.['userIDs']).toHaveLength(500);
});

it('what is watched, and what this user said of himself, is said after each login', async () => {
  const { alice, browser } = page();
  alice.watch(['bob']);
  alice.setPresence('away');
  void alice.connect();
  await comeBack(browser);
  const both = [
    { type: 'presence', userIDs: ['bob'] },
    { type: 'setPresence', state: 'away' },
  ];
  expect(browser.socket.sent.slice(1)).toEqual(both);
  breakSocket(browser);
  await comeBack(browser);
  expect(browser.socket.sent.slice(1)).toEqual(both);
  alice.setPresence('online');
  expect(browser.socket.last()).toEqual({ type: 'setPresence', state: 'online' });
});

it('a complaint about presence ends nothing', async () => {
  const { alice, browser, errors } = await online();
  const call = alice.call('bob');
  browser.socket.say({ type: 'error', code: 'bad_message', message: 'userIDs', re: 'presence' });
  expect(call.state.phase).toBe('requesting-media');
  expect(errors).toEqual(['bad_message']);
});
