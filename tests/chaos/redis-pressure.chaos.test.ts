/**
 * Redis is out of memory, or its disk is full, while people talk: new calls are refused with a clear error, nobody loses his call
 * or his socket, nothing crashes, and all goes on by itself when there is room again.
 */
import {
  askRedis,
  eventually,
  mediaFlows,
  mountTinyDisk,
  SocketClient,
  startCluster,
  startRedis,
  SyntheticUser,
  within,
  type Cluster,
  type LogLine,
  type TinyDisk,
} from '@switchboard/testkit';
import { afterEach, expect, test } from 'vitest';
import { checkLog } from '../integration/log-check.ts';

const PARTITIONS = 4;
/** A client hears within so long that his call is refused, ms. */
const REFUSED_MS = 3000;
/** Longer than a gateway may stand still before it is taken for dead, ms. */
const FULL_MS = 5000;

let cluster: Cluster;
let disk: TinyDisk | undefined;
let users: SyntheticUser[] = [];

/** `dir`: where Redis keeps its files. */
async function begin(dir?: string): Promise<void> {
  const redis = await startRedis(dir === undefined ? {} : { dir });
  cluster = await startCluster({ workers: 1, partitions: PARTITIONS, redis });
}
const limitMemory = (bytes: number) => askRedis(cluster.redis, 'CONFIG', 'SET', 'maxmemory', bytes);
const writesNothing = () =>
  askRedis(cluster.redis, 'SET', 'junk', 'x'.repeat(5000)).then(
    () => false,
    (error: Error) => error.message.startsWith('MISCONF'),
  );
afterEach(async () => {
  await Promise.all(users.map((user) => user.leave()));
  users = [];
  await cluster.stop();
  await disk?.unmount();
  disk = undefined;
});

async function join(name: string, gateway: number): Promise<SyntheticUser> {
  const user = await SyntheticUser.join(cluster.socket(gateway), name, { native: true });
  users.push(user);
  return user;
}

interface Call {
  readonly callID: string;
  readonly caller: SyntheticUser;
  readonly callee: SyntheticUser;
}

async function ring(caller: SyntheticUser, callee: SyntheticUser): Promise<Call> {
  await caller.call(callee.userID);
  const { callID } = await callee.socket.next('incomingCall');
  return { callID: String(callID), caller, callee };
}

async function answer({ callID, caller, callee }: Call): Promise<void> {
  await callee.accept(caller.userID, callID);
  await Promise.all([caller.talk(), callee.talk()]);
  await mediaFlows(caller, callee);
}

async function hangsUp({ callID, caller, callee }: Call): Promise<void> {
  caller.stop();
  expect(await callee.socket.next('stopCommunication', 2000)).toMatchObject({ callID, reason: 'completed' });
  callee.endMedia();
}

async function isRefused(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  await caller.call(callee.userID);
  const refusal = await caller.socket.next('error', REFUSED_MS);
  expect(refusal).toMatchObject({ code: 'service_unavailable', re: 'call' });
  caller.endMedia();
}

async function loginIsRefused(name: string): Promise<void> {
  const socket = await SocketClient.connect(cluster.socket(0));
  socket.send({ type: 'login', userID: name, capabilities: ['native'] });
  expect(await socket.next('error', REFUSED_MS)).toMatchObject({ code: 'service_unavailable', re: 'login' });
  await socket.close();
}

const processes = () => [...cluster.gateways, ...cluster.orchestrators, ...cluster.workers];
/** What is worth a warning or more, said since then. */
const complaints = (since: readonly number[]): LogLine[][] =>
  processes().map(({ log }, at) => log.slice(since[at]).filter(({ level }) => level === 'warn' || level === 'error'));
const soFar = () => processes().map(({ log }) => log.length);

/** Every process says what is wrong, once for each partition at most, and goes on. */
function expectCalm(since: readonly number[]): void {
  for (const lines of complaints(since)) {
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    const texts = lines.map(({ msg }) => msg);
    for (const text of new Set(texts)) {
      expect(texts.filter((each) => each === text).length, text).toBeLessThanOrEqual(PARTITIONS);
    }
  }
  for (const { pid } of processes()) expect(() => process.kill(pid, 0)).not.toThrow();
}

async function expectNothingLeft(reasons: readonly string[]): Promise<void> {
  await eventually('no line is engaged', async () => (await checkLog(cluster)).engaged === 0);
  const log = await checkLog(cluster);
  expect(log).toMatchObject({ differences: [], liveCalls: 0 });
  expect([...log.reasons].sort()).toEqual([...reasons].sort());
}

test('memory: no new call and no new login, but those who talk go on, those who ring are answered, and all can hang up', async () => {
  await begin();
  const [anna, ben, cleo, dan] = [
    await join('anna', 0),
    await join('ben', 1),
    await join('cleo', 0),
    await join('dan', 1),
  ];
  const [emil, frida] = [await join('emil', 0), await join('frida', 1)];
  const talking = await ring(anna, ben);
  await answer(talking);
  const ringing = await ring(cleo, dan);

  const since = soFar();
  await limitMemory(1);
  await isRefused(emil, frida);
  await loginIsRefused('gina');
  await answer(ringing);
  anna.socket.terminate();
  await anna.resume(cluster.socket(1), { calls: [talking.callID] });
  await mediaFlows(anna, ben);
  await hangsUp(ringing);
  await hangsUp(talking);
  for (const user of [anna, ben, cleo, dan]) expect(user.socket.isOpen).toBe(true);
  expectCalm(since);

  await limitMemory(0);
  const next = await ring(emil, frida);
  await answer(next);
  await hangsUp(next);
  await expectNothingLeft(['completed', 'completed', 'completed']);
});

test('disk: media goes on, no socket is closed, nothing that was said is lost, and all goes on when there is room', async (context) => {
  disk = await mountTinyDisk(16);
  await begin(disk?.dir);
  if (!disk) return context.skip('mounting a tmpfs is not permitted here');
  const [anna, ben, cleo, dan] = [
    await join('anna', 0),
    await join('ben', 1),
    await join('cleo', 0),
    await join('dan', 1),
  ];
  const talking = await ring(anna, ben);
  await answer(talking);

  const since = soFar();
  const fullAt = performance.now();
  await disk.fill();
  await eventually('Redis writes no more', writesNothing);
  await isRefused(cleo, dan);
  const lost = [anna, ben].map((user) => user.stats().video.lost);
  await eventually('it was full for long', () => performance.now() - fullAt > FULL_MS);
  await mediaFlows(anna, ben);
  expect([anna, ben].map((user) => user.stats().video.lost)).toEqual(lost);
  anna.socket.send({ type: 'stop', callID: talking.callID });
  for (const user of users) expect(user.socket.isOpen).toBe(true);
  expectCalm(since);

  await disk.clear();
  const end = await within(5000, 'ben is told', ben.socket.next('stopCommunication'));
  expect(end).toMatchObject({ callID: talking.callID, reason: 'completed', endedBy: 'caller' });
  await eventually('the call that was refused is over', async () => (await checkLog(cluster)).engaged === 0);
  for (const user of users) expect(user.socket.isOpen).toBe(true);
  const next = await ring(ben, anna);
  await answer(next);
  await hangsUp(next);
  await eventually('no line is engaged', async () => (await checkLog(cluster)).engaged === 0);
  expect((await checkLog(cluster)).differences).toEqual([]);
});
