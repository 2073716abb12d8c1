/**
 * Two people, each with a browser and a moving camera of his own, on two different gateways: what they see is the other's
 * picture, what they hear is the other's sound, and it comes from the media server.
 */
import { mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { eventually, freePort, Person, pipelinesOf, Phone, startCluster } from '@switchboard/testkit';
import { describe, expect, test } from 'vitest';
import { Stage } from './stage.ts';
import { inbound, seesMotion, stats } from './watching.ts';

const RING_MS = 5000;
const GRACE_MS = 3000;

const stage = Stage.of({ orchestratorEnv: { RING_MS: String(RING_MS), GRACE_MS: String(GRACE_MS) } });
const both = () => Promise.all([stage.annaAt(0), stage.benAt(1)]);

async function ring(): Promise<[Phone, Phone]> {
  const [caller, callee] = await both();
  await caller.call('ben');
  await callee.page.waitForSelector('[data-test=incoming]');
  return [caller, callee];
}

async function connect(): Promise<[Phone, Phone]> {
  const pair = await ring();
  await pair[1].accept();
  await Promise.all(pair.map((each) => seesMotion(each)));
  return pair;
}

async function noPipelines(): Promise<void> {
  await eventually('the media servers hold no pipeline', async () => {
    const held = await Promise.all(
      stage.cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url']))),
    );
    return held.flat().length === 0;
  });
}

describe('a call between two browsers on two gateways', () => {
  test('each sees and hears the other', async () => {
    const [caller, callee] = await connect();
    await Promise.all([caller.says(/ben/i), callee.says(/anna/i)]);
    const seenByCaller = await caller.picture();
    const seenByCallee = await callee.picture();
    expect(seenByCaller.blue, 'anna sees blue ben').toBeGreaterThan(seenByCaller.red);
    expect(seenByCallee.red, 'ben sees red anna').toBeGreaterThan(seenByCallee.blue);
    for (const each of [caller, callee]) {
      await eventually('sound', async () => ((await inbound(each, 'audio'))?.totalAudioEnergy ?? 0) > 0.001, 15_000);
      const decoded = (await inbound(each, 'video'))?.framesDecoded ?? 0;
      await eventually(
        'decoded frames rise',
        async () => ((await inbound(each, 'video'))?.framesDecoded ?? 0) > decoded + 5,
      );
    }
    await mkdir('artifacts', { recursive: true });
    await caller.page.screenshot({ path: 'artifacts/call.png' });
    await caller.hangUp();
    await callee.says(/anna|ended|hung up/i);
    await noPipelines();
  });

  test('the callee hangs up, and the caller knows', async () => {
    const [caller, callee] = await connect();
    await callee.hangUp();
    await caller.says(/hung up|ended/i);
    await noPipelines();
  });

  test('the media goes through the media server: when it is killed and there is no other, both pictures stop', async () => {
    const [caller, callee] = await connect();
    const held = await Promise.all(
      stage.cluster.mediaServers.map(({ details }) => pipelinesOf(String(details['url']))),
    );
    const at = held.findIndex(({ length }) => length > 0);
    const server = stage.cluster.mediaServers[at];
    if (!server) throw new Error('no media server has the call');
    for (const each of [caller, callee]) {
      const all = await stats(each);
      const pair = all.find((stat) => stat.type === 'candidate-pair' && stat.state === 'succeeded' && stat.nominated);
      const remote = all.find(({ id }) => id === pair?.remoteCandidateId);
      expect(await udpPortsOf(server.pid)).toContain(remote?.port);
    }
    const before = await Promise.all([caller, callee].map((each) => inbound(each, 'video')));
    expect(before.every((stat) => (stat?.framesDecoded ?? 0) > 0)).toBe(true);
    const other = 1 - at;
    await stage.cluster.mediaServers[other]?.kill();
    server.signal('SIGSTOP');
    for (const each of [caller, callee]) await standsStill(each);
    server.signal('SIGKILL');
    await server.exited();
    for (const each of [caller, callee]) await each.says(/media server|lost/i, 20_000);
    for (const dead of [...stage.cluster.mediaServers]) await stage.cluster.restart(dead);
  });
});

/** The number of decoded frames is the same over a second. */
async function standsStill(each: Phone): Promise<void> {
  let last = -1;
  let since = performance.now();
  await eventually(
    'the picture stops',
    async () => {
      const now = (await inbound(each, 'video'))?.framesDecoded ?? 0;
      if (now !== last) [last, since] = [now, performance.now()];
      return performance.now() - since > 1000;
    },
    20_000,
  );
}

/** The UDP ports that a process has open (Linux: its sockets' inodes in /proc/net/udp). */
async function udpPortsOf(pid: number): Promise<number[]> {
  const files = await readdir(`/proc/${String(pid)}/fd`);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${String(pid)}/fd/${file}`).catch(() => '')));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(['udp', 'udp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8')));
  const rows = tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/)),
  );
  return rows.filter((row) => inodes.has(row[9] ?? '')).map((row) => parseInt(row[1]?.split(':')[1] ?? '0', 16));
}

describe('a call that does not come about', () => {
  test('notOnline', async () => {
    const caller = await stage.annaAt(0);
    await caller.call('nobody');
    await caller.says(/not online|offline|isn’t online|isn't online/i);
  });

  test('busy', async () => {
    const [caller] = await connect();
    const third = await stage.benAt(0, 'cleo');
    await third.call('anna');
    await third.says(/busy|another call/i);
    await seesMotion(caller);
  });

  test('declined', async () => {
    const [caller, callee] = await ring();
    await callee.decline();
    await caller.says(/declined/i);
    await callee.page.waitForSelector('[data-test=incoming]', { state: 'detached' });
    await noPipelines();
  });

  test('cancelled while it rings', async () => {
    const [caller, callee] = await ring();
    await caller.hangUp();
    await callee.page.waitForSelector('[data-test=incoming]', { state: 'detached' });
    await noPipelines();
  });

  test('it rings out', async () => {
    const [caller, callee] = await ring();
    await caller.says(/no answer|did not answer|didn’t answer/i, RING_MS + 10_000);
    await callee.page.waitForSelector('[data-test=incoming]', { state: 'detached' });
  });

  test('a tab that is closed in a call: the other waits for it, then the call ends', async () => {
    const [caller, callee] = await connect();
    await callee.page.close();
    await caller.page.waitForSelector('[data-test=peer-state]');
    await caller.says(/connection|lost/i, GRACE_MS + 10_000);
    await noPipelines();
  });
});

describe('what a browser may lack', () => {
  test('without a camera it is an audio call', async () => {
    const mute = await Person.open({ colour: 'green', hz: 660, camera: false });
    try {
      const [caller, callee] = [await stage.phone(mute, 'mia', 0), await stage.benAt(1)];
      await caller.call('ben');
      await callee.page.waitForSelector('[data-test=incoming]');
      await callee.accept();
      await caller.page.waitForSelector('[data-test=notice][data-kind=noCamera]');
      const energy = async () => (await inbound(callee, 'audio'))?.totalAudioEnergy ?? 0;
      await eventually('sound at ben’s', async () => (await energy()) > 0.001, 20_000);
      await eventually('ben’s page plays it', async () => (await callee.playedFor()) > 0.5, 20_000);
    } finally {
      await mute.close();
    }
  });

  test('with neither camera nor microphone there is a clear message', async () => {
    const bare = await Person.open({ colour: 'green', hz: 660, camera: false, microphone: false });
    try {
      const caller = await stage.phone(bare, 'bea', 0);
      await caller.call('ben');
      await eventually('a message about devices', async () =>
        /camera|microphone/i.test(await caller.page.innerText('body')),
      );
    } finally {
      await bare.close();
    }
  });
});

test('a gateway whose certificate was not accepted yet is named, with a link to it', async () => {
  const port = String(await freePort());
  const gatewayEnv = { PORT: port, GATEWAYS: `https://localhost:${port},https://localhost:1` };
  const alone = await startCluster({ workers: 0, gateways: 1, gatewayEnv });
  try {
    const { page } = await stage.anna.phone(alone.page(0), 'anna');
    stage.keep(new Phone(page));
    const link = page.locator('[data-test=gateway-link]');
    await link.waitFor();
    expect(await link.getAttribute('href')).toMatch(/^https:\/\/localhost:1\b/);
  } finally {
    await alone.stop();
  }
});
