import { randomUUID } from 'node:crypto';
import { startMediaServer, type RunningServer } from '@switchboard/media-server';
import { connectRedisStore, MailReader, Sender, systemClock, type LogStore } from '@switchboard/event-log';
import {
  callCommand,
  candidate as candidateSchema,
  gatewayMessage,
  workerInfo,
  type CallCommand,
  type GatewayMessage,
} from '@switchboard/protocol';
import { Shutdown, silentLogger, type ReadyDetails } from '@switchboard/service-kit';
import { eventually, RtpPeer, startRedis, type RunningRedis } from '@switchboard/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { config, startMediaWorker } from '../src/index.ts';
import { openWay } from './way.ts';

const PARTITIONS = 4;
const PARTITION = 3;
const GATEWAY = 'gw-test';
let redis: RunningRedis;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(() => redis.stop());

interface RunningWorker {
  readonly ready: ReadyDetails;
  readonly failures: unknown[];
  stop(): Promise<readonly string[]>;
}

/** The worker's own app, in this process, on a namespace of its own. */
async function startWorker(namespace: string, kms: string, env: Record<string, unknown> = {}): Promise<RunningWorker> {
  const logger = silentLogger();
  const shutdown = new Shutdown(logger);
  const abort = new AbortController();
  const failures: unknown[] = [];
  const values = { REDIS_URL: redis.url, NAMESPACE: namespace, PARTITIONS, KMS_URL: kms, WORKER_ID: 'w1', ...env };
  const base = { LOG_LEVEL: 'silent', SWITCHBOARD_SUPERVISED: '0' } as const;
  let ready: ReadyDetails = {};
  const stop = async () => {
    abort.abort();
    return (await shutdown.run('test')).failed;
  };
  cleanups.push(stop);
  await startMediaWorker({
    ...{ logger, shutdown, processID: 'w1', signal: abort.signal },
    config: { ...config.parse(values), ...base },
    ready: (details = {}) => (ready = details),
    fail: (error) => failures.push(error),
  });
  return { ready, failures, stop };
}

/** Plays the Call and the gateway: what it sends, and everything that comes back. */
async function startOthers(namespace: string) {
  const store: LogStore = await connectRedisStore({ url: redis.url, namespace });
  await store.open(PARTITIONS);
  const sender = new Sender({ store, src: `others-${randomUUID()}`, clock: systemClock });
  const commands: CallCommand[] = [];
  const blobs: Record<string, string> = {};
  const told: GatewayMessage[] = [];
  const handle = (mails: readonly { body: string }[]) => {
    for (const { body } of mails) told.push(gatewayMessage.parse(JSON.parse(body)));
    return Promise.resolve();
  };
  const reader = new MailReader({ store, process: GATEWAY, clock: systemClock, handle });
  reader.start();
  let cursor = '0';
  const poll = async () => {
    const mails = await store.read({ kind: 'partition', partition: PARTITION }, cursor, 100);
    for (const mail of mails) {
      cursor = mail.id;
      commands.push(callCommand.parse(JSON.parse(mail.body)));
      Object.assign(blobs, mail.blobs);
    }
  };
  cleanups.push(async () => {
    await reader.stop();
    await store.close();
  });
  return {
    ...{ store, commands, blobs, told },
    send: (message: object, blobsToSend: Record<string, string> = {}) =>
      sender.send({ kind: 'process', id: 'w1' }, { body: JSON.stringify(message), blobs: blobsToSend }),
    heard: (type: CallCommand['type'], count = 1) =>
      eventually(`${String(count)} × ${type}`, async () => {
        await poll();
        const all = commands.filter((command) => command.type === type);
        return all.length >= count && all;
      }),
    workerState: async () => {
      const beat = (await store.beats()).find(({ id }) => id === 'w1');
      return beat && workerInfo.parse(JSON.parse(beat.info));
    },
  };
}
type Others = Awaited<ReturnType<typeof startOthers>>;

async function startKms(port = 0): Promise<RunningServer> {
  const server = await startMediaServer({ port });
  cleanups.push(() => server.close());
  return server;
}

/** A caller or callee whose candidates and answer go the way of the real ones. */
class Party {
  readonly peer: RtpPeer;
  readonly legID: string;
  readonly #others: Others;
  readonly #callID: string;
  #given = 0;

  constructor(others: Others, callID: string, name: string, leg = 1) {
    this.peer = new RtpPeer({ name });
    this.legID = `${name}:${String(leg)}`;
    this.#others = others;
    this.#callID = callID;
    cleanups.push(() => this.peer.close());
    this.peer.onCandidate((found) => {
      const candidate = candidateSchema.parse(found);
      void others.send({ type: 'RemoteCandidate', callID, attempt: 1, legID: this.legID, candidate });
    });
  }

  async offer(party: 'caller' | 'callee'): Promise<void> {
    const offer = await this.peer.createOffer();
    const owner = { gateway: GATEWAY, session: this.legID.split(':')[0], connection: 1 };
    const message = {
      type: 'PrepareLeg',
      callID: this.#callID,
      attempt: 1,
      party,
      legID: this.legID,
      media: 'video',
      owner,
    };
    await this.#others.send(message, { [`offer:${this.legID}`]: offer });
  }

  async takeAnswer(): Promise<void> {
    const answer = await eventually(`the answer of ${this.legID}`, async () => {
      await this.#others.heard('LegAnswered');
      return this.#others.blobs[`answer:${this.legID}`];
    });
    this.peer.setAnswer(answer);
    const timer = setInterval(() => this.#takeCandidates(), 10);
    cleanups.push(() => clearInterval(timer));
  }

  #takeCandidates(): void {
    const mine = this.#others.told.filter((one) => one.type === 'LocalCandidate' && one.legID === this.legID);
    for (const one of mine.slice(this.#given)) if (one.type === 'LocalCandidate') this.peer.addCandidate(one.candidate);
    this.#given = mine.length;
  }
}

const newCall = () => `${String(PARTITION)}-0190a5b2-7c3d-7e4f-8a1b-${randomUUID().slice(-12)}`;

async function talk(others: Others): Promise<{ callID: string; a: Party; b: Party }> {
  const callID = newCall();
  const [a, b] = [new Party(others, callID, 'alice'), new Party(others, callID, 'bob')];
  await a.offer('caller');
  await a.takeAnswer();
  await b.offer('callee');
  await others.send({ type: 'JoinLegs', callID, attempt: 1 });
  await b.takeAnswer();
  await others.heard('LegConnected', 2);
  for (const { peer } of [a, b]) peer.startSending({ videoPps: 50, audioPps: 50 });
  await flows(a, b);
  return { callID, a, b };
}

async function flows(...parties: Party[]): Promise<void> {
  const before = parties.map(({ peer }) => received(peer));
  await eventually('media both ways', () => parties.every(({ peer }, i) => received(peer) > before[i]! + 20));
}
const received = (peer: RtpPeer) => peer.stats().video.received + peer.stats().audio.received;

describe('a media worker on Redis and a media server', () => {
  it('carries a call from its messages to media both ways, and leaves nothing behind', async () => {
    const namespace = `t-${randomUUID()}`;
    const kms = await startKms();
    const others = await startOthers(namespace);
    const worker = await startWorker(namespace, kms.url);
    expect(worker.ready).toMatchObject({ workerID: 'w1' });
    await eventually('serving', async () => (await others.workerState())?.state === 'serving');
    const { callID } = await talk(others);
    await eventually('one call in the beat', async () => (await others.workerState())?.calls === 1);
    await others.send({ type: 'ReleaseCall', callID, attempt: 1 });
    const [released] = await others.heard('AttemptReleased');
    expect(released).toEqual({ type: 'AttemptReleased', callID, attempt: 1, workerID: 'w1' });
    expect(kms.stats().pipelines).toBe(0);
    expect(others.commands.map(({ type }) => type).sort()).toEqual(
      ['LegAnswered', 'LegAnswered', 'LegConnected', 'LegConnected', 'AttemptReleased'].sort(),
    );
    expect((await worker.stop()).length).toBe(0);
    expect(await others.workerState()).toBeUndefined();
  });

  it('is restarted without a frame lost, goes on with a leg that is made anew, and releases what its earlier life made', async () => {
    const namespace = `t-${randomUUID()}`;
    const kms = await startKms();
    const others = await startOthers(namespace);
    const first = await startWorker(namespace, kms.url);
    const { callID, a, b } = await talk(others);
    await first.stop();
    expect(kms.stats().pipelines).toBe(1);
    await flows(a, b);
    await startWorker(namespace, kms.url);
    await eventually('its call is in the beat', async () => (await others.workerState())?.calls === 1);
    await flows(a, b);
    a.peer.close();
    const again = new Party(others, callID, 'alice', 2);
    await again.offer('caller');
    await again.takeAnswer();
    await eventually('the new leg is connected', async () =>
      (await others.heard('LegConnected')).some((one) => 'legID' in one && one.legID === again.legID),
    );
    again.peer.startSending({ videoPps: 50, audioPps: 50 });
    await flows(again, b);
    await others.send({ type: 'ReleaseCall', callID, attempt: 1 });
    await others.heard('AttemptReleased');
    expect(kms.stats().pipelines).toBe(0);
    for (const { peer } of [again, b]) peer.stopSending();
  });

  it('leaves what it cannot finish in its mailbox when it stops: nobody is told of a failure, and its heir does it', async () => {
    const namespace = `t-${randomUUID()}`;
    const kms = await startKms();
    const way = await openWay(kms.port);
    cleanups.push(way.close);
    const others = await startOthers(namespace);
    const first = await startWorker(namespace, way.url, { KMS_DEADLINE_MS: 60_000 });
    way.hold();
    const callID = newCall();
    await new Party(others, callID, 'dora').offer('caller');
    await eventually('it is in hand', () => kms.stats().pipelines === 1);
    await first.stop();
    const left = await others.store.read({ kind: 'process', id: 'w1' }, '0', 10);
    expect(left.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toContain('PrepareLeg');
    await startWorker(namespace, kms.url);
    const [answered] = await others.heard('LegAnswered');
    expect(answered).toMatchObject({ callID, legID: 'dora:1' });
    await eventually('nothing is left in the mailbox', async () => {
      const mails = await others.store.read({ kind: 'process', id: 'w1' }, '0', 10);
      return mails.length === 0;
    });
    expect([kms.stats().pipelines, others.commands.map(({ type }) => type)]).toEqual([1, ['LegAnswered']]);
  });

  it('takes the new leg of a party whose page was reloaded, and the other one stays', async () => {
    const namespace = `t-${randomUUID()}`;
    const kms = await startKms();
    const others = await startOthers(namespace);
    await startWorker(namespace, kms.url);
    const { callID, a, b } = await talk(others);
    a.peer.close();
    const again = new Party(others, callID, 'alice', 2);
    await again.offer('caller');
    await again.takeAnswer();
    await others.heard('LegConnected', 3);
    again.peer.startSending({ videoPps: 50, audioPps: 50 });
    await flows(again, b);
    expect(again.peer.stats().beganWithKeyFrame).toBe(true);
    await eventually('the old endpoint is gone', () => kms.stats().endpoints === 2);
    await others.send({ type: 'ReleaseCall', callID, attempt: 1 });
    await others.heard('AttemptReleased');
    expect(others.commands.filter(({ type }) => type === 'MediaFailed')).toEqual([]);
    expect(kms.stats().pipelines).toBe(0);
  });

  it('says that the media server was lost, is joining meanwhile, and serves again with the new one', async () => {
    const namespace = `t-${randomUUID()}`;
    const kms = await startMediaServer();
    const others = await startOthers(namespace);
    const worker = await startWorker(namespace, kms.url);
    const callID = newCall();
    await new Party(others, callID, 'carol').offer('caller');
    await others.heard('LegAnswered');
    await kms.close();
    await eventually('joining', async () => (await others.workerState())?.state === 'joining');
    const ready = await fetch(`http://127.0.0.1:${String(worker.ready.port)}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false }]);
    await startKms(kms.port);
    const [failed] = await others.heard('MediaFailed');
    expect(failed).toMatchObject({ callID, attempt: 1, cause: 'media_server_lost' });
    await eventually('serving', async () => (await others.workerState())?.state === 'serving');
    const metrics = await (await fetch(`http://127.0.0.1:${String(worker.ready.port)}/metrics`)).text();
    expect(metrics).toContain('switchboard_kms_call_seconds_bucket');
    expect(metrics).toMatch(/switchboard_media_failures_total\{cause="media_server_lost"/);
    expect(worker.failures).toEqual([]);
  });

  it('refuses to start beside another one of its ID, and takes over from one that died', async () => {
    const namespace = `t-${randomUUID()}`;
    const kms = await startKms();
    const others = await startOthers(namespace);
    const living = await startWorker(namespace, kms.url);
    await expect(startWorker(namespace, kms.url)).rejects.toThrow(/another worker with the ID w1 is alive/);
    await living.stop();
    await others.store.beat({ id: 'w1', kind: 'worker', counter: 77, info: '{}' });
    await startWorker(namespace, kms.url);
    await eventually('serving', async () => (await others.workerState())?.state === 'serving');
  });
});
