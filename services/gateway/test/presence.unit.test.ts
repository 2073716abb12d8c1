/** Who watches whom: one watch for all clients of a gateway, and none when nobody is left. */
import { MAX_WATCHED, type Presence, type UserID } from '@switchboard/protocol';
import { describe, expect, it } from 'vitest';
import { MOST_WATCHING, Watchlists } from '../src/presence/watchlists.ts';
import { FakeSocket, SmallGateway } from './support/sockets.ts';

const user = (name: string) => name as UserID;
const watch = (socket: FakeSocket, ...userIDs: string[]) => socket.say({ type: 'presence', userIDs });
const is = (gateway: SmallGateway, name: string, state: Presence) =>
  gateway.mail({ type: 'PresenceIs', userID: user(name), state });
const changed = (userID: string, state: Presence) => ({ type: 'presenceChanged', userID, state });

describe('two clients that watch one user', () => {
  it('cost one watch; both are told, the second of what is known already', async () => {
    const gateway = new SmallGateway();
    const [ann, eve] = [await gateway.online('ann'), await gateway.online('eve')];
    await watch(ann.socket, 'bob', 'bob');
    expect(gateway.take('Watch')).toEqual([{ type: 'Watch', userID: 'bob', gateway: 'gw-1' }]);
    await is(gateway, 'bob', 'online');
    await watch(eve.socket, 'bob');
    expect(gateway.take('Watch')).toEqual([]);
    expect(eve.socket.take()).toEqual([changed('bob', 'online')]);
    await is(gateway, 'bob', 'busy');
    expect(ann.socket.take()).toEqual([changed('bob', 'online'), changed('bob', 'busy')]);
    expect(eve.socket.take()).toEqual([changed('bob', 'busy')]);
  });

  it('cost one unwatch, when the last of them has gone or looks elsewhere', async () => {
    const gateway = new SmallGateway();
    const [ann, eve] = [await gateway.online('ann'), await gateway.online('eve')];
    await watch(ann.socket, 'bob');
    await watch(eve.socket, 'bob', 'zoe');
    ann.socket.gone(1006);
    expect(gateway.take('Unwatch')).toEqual([]);
    await watch(eve.socket, 'zoe');
    expect(gateway.take('Unwatch')).toEqual([{ type: 'Unwatch', userID: 'bob', gateway: 'gw-1' }]);
    eve.socket.gone(1000);
    expect(gateway.take('Unwatch')).toMatchObject([{ userID: 'zoe' }]);
    await is(gateway, 'bob', 'away');
    expect(gateway.dropped, 'nobody wants to know').toBe(1);
  });

  it('what was known is forgotten with the last watch', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    await watch(ann.socket, 'bob');
    await is(gateway, 'bob', 'online');
    await watch(ann.socket);
    ann.socket.take();
    await watch(ann.socket, 'bob');
    expect(gateway.take('Watch')).toHaveLength(2);
    expect(ann.socket.take()).toEqual([]);
  });
});

describe('a list', () => {
  it('takes the place of the one before: whoever stays on it is not told anew', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    await watch(ann.socket, 'bob', 'zoe');
    await is(gateway, 'bob', 'online');
    ann.socket.take();
    await watch(ann.socket, 'bob', 'tom');
    expect(gateway.take('Watch').map((command) => 'userID' in command && command.userID)).toEqual([
      'bob',
      'zoe',
      'tom',
    ]);
    expect(gateway.take('Unwatch')).toMatchObject([{ userID: 'zoe' }]);
    expect(ann.socket.take()).toEqual([]);
  });

  it('goes when another socket takes the session over', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    await watch(ann.socket, 'bob');
    await gateway.mail({ type: 'TakenOver', session: ann.id, connection: 1 });
    expect(gateway.take('Unwatch')).toMatchObject([{ userID: 'bob' }]);
  });

  it('that is too long is refused', async () => {
    const gateway = new SmallGateway();
    const ann = await gateway.online('ann');
    await watch(ann.socket, ...Array.from({ length: MAX_WATCHED + 1 }, (_, i) => String(i)));
    expect(ann.socket.take()).toMatchObject([{ type: 'error', code: 'bad_message', re: 'presence' }]);
    expect(gateway.commands).toEqual([]);
  });

  it('with a user whom too many watch is refused as a whole', async () => {
    const gateway = new SmallGateway();
    for (let i = 0; i < MOST_WATCHING; i += 1) await watch((await gateway.online(String(i))).socket, 'star');
    const ann = await gateway.online('ann');
    await watch(ann.socket, 'bob');
    gateway.take('Watch');
    await watch(ann.socket, 'star', 'zoe');
    expect(ann.socket.take()).toMatchObject([{ type: 'error', code: 'rate_limited', re: 'presence' }]);
    expect(gateway.commands).toEqual([]);
    await is(gateway, 'bob', 'online');
    expect(ann.socket.take(), 'its list is what it was').toEqual([changed('bob', 'online')]);
  });

  it('of a seed client is refused like any word that it cannot know', async () => {
    const gateway = new SmallGateway();
    const { socket } = await gateway.client({ userID: 'old', capabilities: [] });
    await watch(socket, 'bob');
    expect(socket.take()).toEqual([]);
    expect(gateway.commands).toEqual([]);
  });
});

describe('watchlists', () => {
  it('keep nothing of watchers and users that are gone', () => {
    const lists = new Watchlists<string>();
    for (let i = 0; i < 100; i += 1) lists.replace(`watcher-${String(i % 7)}`, [user(`a${String(i)}`), user('bob')]);
    expect(lists.size).toBe(8);
    for (let i = 0; i < 7; i += 1) lists.replace(`watcher-${String(i)}`, []);
    expect(lists.size).toBe(0);
  });

  it('have room again when a watcher leaves', () => {
    const lists = new Watchlists<number>();
    for (let i = 0; i < MOST_WATCHING; i += 1) lists.replace(i, [user('star')]);
    expect(lists.replace(-1, [user('star')])).toBeUndefined();
    expect(lists.replace(0, [user('star')]), 'whoever is on it may say so again').toBeDefined();
    lists.replace(0, []);
    expect(lists.replace(-1, [user('star')])).toMatchObject({ watch: [], unwatch: [] });
  });
});

describe('a long list', () => {
  const users = (count: number) => Array.from({ length: count }, (_, index) => `u${String(index)}`);

  it('costs as much as a message for each five users on it', async () => {
    const gateway = new SmallGateway({ perSecond: 1, burst: 30 });
    const ann = await gateway.online('ann');
    await watch(ann.socket, ...users(100));
    expect(ann.socket.closedWith, 'a login, the list, and 20 for its users').toBeUndefined();
    await watch(ann.socket, ...users(39));
    expect(ann.socket.closedWith).toBeUndefined();
    await watch(ann.socket);
    expect(ann.socket.closedWith, 'nothing is left').toBe(1008);
  });

  it('that is too much is not watched at all', async () => {
    const gateway = new SmallGateway({ perSecond: 1, burst: 30 });
    const ann = await gateway.online('ann');
    await watch(ann.socket, ...users(MAX_WATCHED));
    expect(ann.socket.closedWith).toBe(1008);
    expect(gateway.take('Watch')).toEqual([]);
  });
});
