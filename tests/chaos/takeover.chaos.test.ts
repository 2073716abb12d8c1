/** kill -9 of the owning orchestrator in the middle of a hundred calls being set up: each still ends as it should. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, pipelinesOf, startCluster, SyntheticUser, type Cluster } from '@switchboard/testkit';
import { checkLog } from '../integration/log-check.ts';

const CALLS = 100;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

const joinPair = (index: number) =>
  Promise.all([
    SyntheticUser.join(cluster.socket(0), `a-${String(index)}`),
    SyntheticUser.join(cluster.socket(1), `b-${String(index)}`),
  ]);

/** A third is declined, a third cancelled, a third accepted and hung up. */
async function play([caller, callee]: readonly [SyntheticUser, SyntheticUser], index: number): Promise<void> {
  await caller.call(callee.userID);
  await callee.socket.next('incomingCall', 30_000);
  const end = [declined, cancelled, answered][index % 3] ?? declined;
  await end(caller, callee);
  await Promise.all([caller.leave(), callee.leave()]);
}

async function declined(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  callee.reject(caller.userID);
  expect(await caller.socket.next('callResponse', 30_000)).toMatchObject({ callResponse: 'rejected' });
}
async function cancelled(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  caller.stop();
  await callee.socket.next('stopCommunication', 30_000);
}
async function answered(caller: SyntheticUser, callee: SyntheticUser): Promise<void> {
  await callee.accept(caller.userID);
  await Promise.all([caller.socket.next('callResponse', 30_000), callee.socket.next('startCommunication', 30_000)]);
  await Promise.all([caller.talk(30_000), callee.talk(30_000)]);
  callee.stop();
  await caller.socket.next('stopCommunication', 30_000);
}

test('an orchestrator is killed in the middle of a hundred calls, and every call ends as it should', async () => {
  const [victim, heir] = cluster.orchestrators;
  if (!victim || !heir) throw new Error('two orchestrators are needed');
  let done = 0;
  const pairs = await Promise.all(Array.from({ length: CALLS }, (_, index) => joinPair(index)));
  // Nobody tells a seed client that it is logged in, and whoever is not yet cannot be called.
  await eventually('all are logged in', async () => (await checkLog(cluster)).lines === 2 * CALLS, 30_000);
  const queue = pairs.map((pair, index) => ({ pair, index }));
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await play(next.pair, next.index);
      done += 1;
    }
  };
  const lanes = Promise.all(Array.from({ length: 20 }, lane));
  await Promise.race([eventually('the calls are under way', () => done >= 15, 60_000), lanes]);
  await victim.kill();
  expect(done, 'the kill came in the middle').toBeLessThan(CALLS - 20);
  await lanes;
  expect(done).toBe(CALLS);

  await eventually(
    'nothing is left',
    async () => {
      const { lines, liveCalls } = await checkLog(cluster);
      const held = await Promise.all(cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url']))));
      return lines === 0 && liveCalls === 0 && held.flat().length === 0;
    },
    20_000,
  );
  const { differences, reasons } = await checkLog(cluster);
  expect(differences).toEqual([]);
  const count = (reason: string) => reasons.filter((each) => each === reason).length;
  expect([count('declined'), count('cancelled'), count('completed')]).toEqual([34, 33, 33]);
}, 170_000);
