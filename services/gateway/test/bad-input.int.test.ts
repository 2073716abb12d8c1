/** Bad input, item by item, over real sockets; after each the socket is open and others notice nothing. */
import { eventually } from '@switchboard/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidate, OFFER, RINGING } from './support/machine.ts';
import { connect, loggedIn, type Client } from './support/client.ts';
import { testGateway, type TestGateway } from './support/cluster.ts';

let gateway: TestGateway;
let bystander: Client;
beforeAll(async () => {
  gateway = await testGateway();
  bystander = await loggedIn(gateway, 'bystander', 'native');
});
afterAll(async () => {
  expect(bystander.ws.readyState).toBe(bystander.ws.OPEN);
  expect(await bystander.settled()).toEqual([]);
  expect((await gateway.stop()).failed).toEqual([]);
});

const call = { type: 'call', callerID: 'n', calleeID: 'm', sdpOffer: OFFER };
const answer = { type: 'incomingCallResponse', callerID: 'm', callResponse: 'accepted', sdpOffer: OFFER };
const exception = { type: 'callResponse', callResponse: 'exception' };
const rejected = { type: 'loginResponse', content: 'rejected' };

/** What is wrong, the message, the native client's error code, what a seed client gets. */
const list: [string, object | string | Buffer, string, object[]][] = [
  ['no JSON', '{"type":', 'bad_json', []],
  ['JSON that is no object', '["login"]', 'bad_message', []],
  ['an unknown type', { type: 'teleport' }, 'unknown_type', []],
  ['missing fields', { type: 'call' }, 'bad_message', [exception]],
  ['wrong fields', { ...call, calleeID: { a: 1 } }, 'bad_message', [exception]],
  ['a second login on one socket', { type: 'login', userID: 'other' }, 'already_logged_in', [rejected]],
  ["somebody else's callerID", { ...call, callerID: 'bystander' }, 'identity_mismatch', [exception]],
  ["an answer to a call that isn't ringing", answer, 'not_ringing', []],
  ['a candidate without a call', { type: 'onIceCandidate', candidate }, 'no_such_call', []],
  ['SDP that is none', { ...call, sdpOffer: 'm=audio' }, 'bad_message', [exception]],
  ['a binary frame', Buffer.from('{"type":"stop"}'), 'binary_frame', []],
];

describe.each(['native', 'seed'] as const)('a %s client', (kind) => {
  it.each(list)('%s', async (_name, message, code, seedFrames) => {
    const client = await loggedIn(gateway, kind === 'native' ? 'n' : 's', kind);
    client.send(message);
    const frames = await client.settled();
    if (kind === 'native') expect(frames).toMatchObject([{ type: 'error', code }]);
    else expect(frames).toMatchObject(seedFrames);
    expect(client.ws.readyState).toBe(client.ws.OPEN);
    client.ws.close();
    await gateway.orchestrator.command('CloseSocket', { socket: client.session });
  });

  it('a 1 MiB frame: close code 1009', async () => {
    const client = await loggedIn(gateway, 'big', kind);
    client.send(JSON.stringify({ type: 'stop', padding: 'x'.repeat(1_048_576) }));
    expect(await client.closed).toBe(1009);
    await gateway.orchestrator.command('CloseSocket', { socket: client.session });
  });

  it('10,000 messages in a second: close code 1008', async () => {
    const client = await loggedIn(gateway, 'flood', kind);
    for (let i = 0; i < 10_000; i += 1) client.send({ type: 'stop' });
    expect(await client.closed).toBe(1008);
    await gateway.orchestrator.command('CloseSocket', { socket: client.session });
  });
});

it('a message before login, each kind', async () => {
  const client = await connect(gateway.url);
  for (const message of [call, { type: 'stop' }, { type: 'ringing', callID: RINGING }, { type: 'login' }]) {
    client.send(message);
    expect(await client.next()).toMatchObject(rejected);
  }
  client.send('garbage');
  client.send({ type: 'teleport' });
  expect(await client.settled()).toEqual([]);
  client.ws.close();
});

it('a socket that is busy with bad input does not hold up another', async () => {
  const [bad, good] = [await loggedIn(gateway, 'bad', 'native'), await loggedIn(gateway, 'good', 'native')];
  for (let i = 0; i < 250; i += 1) bad.send('x'.repeat(1000));
  good.send({ type: 'stop', callID: RINGING });
  expect(await good.next()).toMatchObject({ type: 'error', code: 'no_such_call' });
  expect(await bad.settled()).toHaveLength(250);
  bad.ws.close();
  good.ws.close();
});

it('nothing leaks: sockets that are gone are forgotten, and bad messages were counted', async () => {
  await eventually('one socket and one session are left', async () => {
    const metrics = await gateway.metrics();
    return ['sockets', 'sessions'].every((what) => metrics.includes(`\nswitchboard_gateway_${what} 1\n`));
  });
  const metrics = await gateway.metrics();
  expect(metrics).toMatch(/messages_total\{outcome="message_refused:bad_json"\} \d+/);
  expect(metrics).toMatch(/sockets_closed_total\{code="1008"\} 2/);
});
