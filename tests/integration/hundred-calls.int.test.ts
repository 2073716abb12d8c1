/**
 * A hundred synthetic calls through the whole stack: real Redis, two embedded media servers, peers that send and receive
 * numbered RTP. What was sent arrived or is counted lost, and afterwards nothing is left: no busy line, no pipeline, no stream.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, pipelinesOf, startCluster, SyntheticUser, type Cluster } from '@switchboard/testkit';
import { checkLog, inboxLengths } from './log-check.ts';

const CALLS = 100;
const AT_ONCE = 10;
const PACKETS = 60;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

interface Tally {
  sent: number;
  received: number;
  lost: number;
}

async function oneCall(index: number): Promise<Tally> {
  const rates = { videoPps: 60, audioPps: 40 };
  const [caller, callee] = await Promise.all([
    SyntheticUser.join(cluster.socket(0), `caller-${String(index)}`, rates),
    SyntheticUser.join(cluster.socket(1), `callee-${String(index)}`, rates),
  ]);
  await caller.call(callee.userID);
  await callee.socket.next('incomingCall', 20_000);
  await callee.accept(caller.userID);
  await Promise.all([caller.socket.next('callResponse', 20_000), callee.socket.next('startCommunication', 20_000)]);
  await Promise.all([caller.talk(), callee.talk()]);
  const both = [caller, callee] as const;
  await eventually(
    `media of call ${String(index)}`,
    () => both.every((user) => user.stats().video.received >= PACKETS),
    20_000,
  );
  for (const user of both) user.peer.stopSending();
  await eventually('the last packets', () => settled(caller, callee) && settled(callee, caller), 5000).catch(
    () => undefined,
  );
  const tally = add(account(caller, callee), account(callee, caller));
  caller.stop();
  await callee.socket.next('stopCommunication', 20_000);
  await Promise.all([caller.leave(), callee.leave()]);
  return tally;
}

/** From the first packet that came, everything that was sent came or is missing. */
function account(from: SyntheticUser, to: SyntheticUser): Tally {
  const kinds = ['audio', 'video'] as const;
  return kinds
    .map((kind) => {
      const sent = from.stats()[kind].sent;
      const { received, firstNumber } = to.stats()[kind];
      const expected = sent - firstNumber;
      return { sent: expected, received, lost: expected - received };
    })
    .reduce(add);
}
const add = (one: Tally, other: Tally): Tally => ({
  sent: one.sent + other.sent,
  received: one.received + other.received,
  lost: one.lost + other.lost,
});
const settled = (from: SyntheticUser, to: SyntheticUser) =>
  (['audio', 'video'] as const).every((kind) => to.stats()[kind].lastNumber === from.stats()[kind].sent - 1);

test('a hundred calls: what was sent arrived, and nothing stays', async () => {
  const tallies: Tally[] = [];
  const queue = Array.from({ length: CALLS }, (_, index) => index);
  const lane = async () => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) tallies.push(await oneCall(index));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const total = tallies.reduce(add);
  console.log(`100 calls: ${JSON.stringify(total)}, loss ${((total.lost / total.sent) * 100).toFixed(3)} %`);
  expect(tallies).toHaveLength(CALLS);
  expect(total.sent).toBe(total.received + total.lost);
  expect(total.lost / total.sent).toBeLessThan(0.001);

  await eventually('no pipeline stays', async () => {
    const held = await Promise.all(cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url']))));
    return held.flat().length === 0;
  });
  await eventually('no line stays busy, and every call has ended', async () => {
    const { lines, liveCalls } = await checkLog(cluster);
    return lines === 0 && liveCalls === 0;
  });
  const { differences, ended } = await checkLog(cluster);
  expect(differences).toEqual([]);
  expect(ended).toBe(CALLS);
  await eventually(
    'the inboxes are cut behind their cursors',
    async () => Math.max(...(await inboxLengths(cluster))) < 100,
    20_000,
  );
}, 170_000);
