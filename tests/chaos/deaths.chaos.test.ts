/** Processes that die and stay dead: nobody is left in a call with them, and no line stays busy. */
import { eventually, putInCall, startCluster, SyntheticUser, type Cluster } from '@switchboard/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkLog } from '../integration/log-check.ts';

let cluster: Cluster;
let users: SyntheticUser[] = [];
beforeEach(async () => {
  cluster = await startCluster({ workers: 1, partitions: 4 });
});
afterEach(async () => {
  await Promise.all(users.map((user) => user.leave()));
  users = [];
  expect((await checkLog(cluster)).differences).toEqual([]);
  await cluster.stop();
});

async function inCall(): Promise<[SyntheticUser, SyntheticUser]> {
  const caller = await SyntheticUser.join(cluster.socket(0), 'caller');
  const callee = await SyntheticUser.join(cluster.socket(1), 'callee');
  users = [caller, callee];
  await putInCall(caller, callee);
  await eventually('the call is connected', async () => (await checkLog(cluster)).connected === 1);
  return [caller, callee];
}

test('kill -9 of a gateway: its users are offline within seconds, and those who talked with them are told', async () => {
  const [caller] = await inCall();
  await cluster.gateways[1]?.kill();
  await caller.socket.next('stopCommunication', 15_000);
  await caller.call('callee');
  expect(await caller.socket.next('callResponse')).toEqual({ type: 'callResponse', callResponse: 'notOnline' });
  expect((await checkLog(cluster)).reasons).toContain('connection_lost');
});

test('SIGTERM of a gateway: its sockets are closed as a restart, and its calls end at once', async () => {
  const [caller, callee] = await inCall();
  const exit = cluster.gateways[1]?.stop();
  expect(await callee.socket.closed()).toEqual({ code: 1012 });
  await caller.socket.next('stopCommunication', 2000);
  expect(await exit).toBe(0);
});

test('a media server that dies: its calls end as media_server_lost', async () => {
  const [caller, callee] = await inCall();
  await cluster.mediaServers[0]?.kill();
  await Promise.all([caller, callee].map(({ socket }) => socket.next('stopCommunication', 20_000)));
  await eventually('the reason is on record', async () =>
    (await checkLog(cluster)).reasons.includes('media_server_lost'),
  );
});
