/**
 * People with several pages, on several gateways: devices that ring together, calls that cross, pages that are reloaded, gateways
 * that die in a call, screens that are shown, calls without a picture.
 */
import { eventually, type Colour, type Phone } from '@switchboard/testkit';
import { describe, expect, test } from 'vitest';
import { Stage } from './stage.ts';
import { inbound, seesMotion } from './watching.ts';

const stage = Stage.of({ workers: 2, orchestratorEnv: { GRACE_MS: '20000' } });
const rings = (each: Phone) => each.page.waitForSelector('[data-test=incoming]');
const isQuiet = (each: Phone) => each.page.waitForSelector('[data-test=incoming]', { state: 'detached' });

async function connect(): Promise<[Phone, Phone]> {
  const pair: [Phone, Phone] = [await stage.annaAt(0), await stage.benAt(1)];
  await pair[0].call('ben');
  await rings(pair[1]);
  await pair[1].accept();
  await Promise.all(pair.map(seesMotion));
  return pair;
}

/** Which colour the big picture is mostly of. */
async function sees(each: Phone, colour: Extract<Colour, 'red' | 'blue'>): Promise<void> {
  const other = colour === 'red' ? 'blue' : 'red';
  await eventually(`a ${colour} picture`, async () => {
    const picture = await each.picture();
    return picture[colour] > picture[other] * 1.2;
  });
}

/** What the page's own debug hook says. */
const hook = <T>({ page }: Phone, what: 'state' | 'tracks'): Promise<T> =>
  page.evaluate(
    (name) => (window as unknown as { __switchboard: Record<string, () => T> }).__switchboard[name]?.() as T,
    what,
  );

interface Tracks {
  readonly local: readonly { readonly kind: string; readonly label: string }[];
}
const sentVideo = async (each: Phone) =>
  (await hook<Tracks>(each, 'tracks')).local.find(({ kind }) => kind === 'video')?.label;

const peerMedia = (each: Phone, what: 'audio' | 'video' | 'screen') =>
  each.page.getAttribute('[data-test=peer-media]', `data-${what}`, { timeout: 1000 }).catch(() => null);
const shows = (each: Phone, what: 'audio' | 'video' | 'screen', value: boolean) =>
  eventually(`the peer's ${what} is ${String(value)}`, async () => (await peerMedia(each, what)) === String(value));

describe('a user on two devices', () => {
  test('both ring, the first to accept gets the call, the other is told; a third caller hears busy', async () => {
    const [caller, first, second] = [await stage.annaAt(0), await stage.benAt(0), await stage.benAt(1)];
    await caller.call('ben');
    await Promise.all([rings(first), rings(second)]);
    await second.accept();
    await isQuiet(first);
    await first.says(/another device|elsewhere/i);
    await Promise.all([seesMotion(caller), seesMotion(second)]);
    const third = await stage.annaAt(1, 'cleo');
    await third.call('ben');
    await third.says(/busy|another call/i);
    await second.hangUp();
    await caller.says(/hung up|ended/i);
  });

  test('a decline on one device ends it on all', async () => {
    const [caller, first, second] = [await stage.annaAt(0), await stage.benAt(0), await stage.benAt(1)];
    await caller.call('ben');
    await Promise.all([rings(first), rings(second)]);
    await first.decline();
    await isQuiet(second);
    await caller.says(/declined/i);
  });

  test('a device that logs in while its user is being called begins to ring', async () => {
    const [caller, first] = [await stage.annaAt(0), await stage.benAt(0)];
    await caller.call('ben');
    await rings(first);
    const late = await stage.benAt(1);
    await rings(late);
    await late.accept();
    await isQuiet(first);
    await Promise.all([seesMotion(caller), seesMotion(late)]);
  });
});

/** Each calls the other. A page that rings by then places no call any more: its user accepts. */
async function crossCalls(anna: Phone, ben: Phone): Promise<void> {
  await Promise.all([anna.page.fill('[data-test=callee]', 'ben'), ben.page.fill('[data-test=callee]', 'anna')]);
  const place = (each: Phone) =>
    each.page.click('[data-test=call-button]', { timeout: 2000 }).catch(() => each.accept());
  await Promise.all([anna, ben].map(place));
  await Promise.all([seesMotion(anna), seesMotion(ben)]);
  await Promise.all([sees(anna, 'blue'), sees(ben, 'red')]);
}

test('two users with two devices each: a call, and two that cross, end up on one page of each; the others are free', async () => {
  const [anna, annas2nd] = [await stage.annaAt(0), await stage.annaAt(1)];
  const [ben, bens2nd] = [await stage.benAt(0), await stage.benAt(1)];
  await anna.call('ben');
  await Promise.all([rings(ben), rings(bens2nd)]);
  await ben.accept();
  await isQuiet(bens2nd);
  await bens2nd.says(/another device|elsewhere/i);
  await Promise.all([seesMotion(anna), seesMotion(ben)]);
  await anna.hangUp();
  await ben.says(/hung up|ended/i);

  await crossCalls(annas2nd, bens2nd);
  for (const each of [anna, ben]) {
    await isQuiet(each);
    expect(await each.page.isVisible('[data-test=hang-up]')).toBe(false);
  }
  await bens2nd.hangUp();
  await annas2nd.says(/hung up|ended/i);
});

describe('a page that goes and comes back', () => {
  test('reloaded in a call, it gets the call and the picture back; the other never left', async () => {
    const [caller, callee] = await connect();
    await callee.reload();
    await seesMotion(callee);
    await sees(callee, 'red');
    await Promise.all([seesMotion(caller), sees(caller, 'blue')]);
    await callee.hangUp();
    await caller.says(/hung up|ended/i);
  });

  test('a duplicated tab is a device of its own, and leaves the first one alone', async () => {
    const [caller, callee] = await connect();
    const session = await callee.page.evaluate(() => ({ ...sessionStorage }));
    const twin = await callee.page.context().newPage();
    await twin.addInitScript((kept) => {
      for (const [key, value] of Object.entries(kept)) sessionStorage.setItem(key, value);
    }, session);
    await twin.goto(callee.page.url());
    await twin.waitForSelector('[data-test=own-name]');
    await seesMotion(callee);
    await seesMotion(caller);
    await twin.close();
    await caller.hangUp();
    await callee.says(/hung up|ended/i);
  });
});

describe('what is sent', () => {
  test('a call without pictures gets one when a camera is switched on', async () => {
    const [caller, callee] = [await stage.annaAt(0), await stage.benAt(1)];
    await caller.callWithSound('ben');
    await rings(callee);
    await callee.accept();
    const energy = async (each: Phone) => (await inbound(each, 'audio'))?.totalAudioEnergy ?? 0;
    for (const each of [caller, callee]) await eventually('sound', async () => (await energy(each)) > 0.001, 20_000);
    expect((await inbound(callee, 'video'))?.framesDecoded ?? 0).toBe(0);
    await caller.page.click('[data-test=toggle-camera]');
    await shows(callee, 'video', true);
    await seesMotion(callee);
    await sees(callee, 'red');
  });

  test('microphone and camera are switched off and on, and the other is shown it', async () => {
    const [caller, callee] = await connect();
    await caller.page.click('[data-test=toggle-microphone]');
    await shows(callee, 'audio', false);
    await caller.page.click('[data-test=toggle-camera]');
    await shows(callee, 'video', false);
    await caller.page.click('[data-test=toggle-camera]');
    await shows(callee, 'video', true);
    await seesMotion(callee);
  });

  test('a screen is shown in place of the camera, and the camera again after it', async () => {
    const [caller, callee] = await connect();
    const camera = await sentVideo(caller);
    await caller.page.click('[data-test=toggle-screen]');
    await shows(callee, 'screen', true);
    // Chromium's fake screen shows the very film that its fake camera does: only the track tells them apart.
    expect(await sentVideo(caller)).not.toBe(camera);
    await seesMotion(callee);
    await caller.page.click('[data-test=toggle-screen]');
    await shows(callee, 'screen', false);
    expect(await sentVideo(caller)).toBe(camera);
    await seesMotion(callee);
  });
});

test('presence is shown, and follows', async () => {
  const [one, other] = [await stage.annaAt(0), await stage.benAt(1)];
  await one.call('ben');
  await rings(other);
  await other.decline();
  const state = () => one.page.getAttribute('[data-test=presence][data-user=ben]', 'data-state');
  const becomes = (wanted: string) => eventually(`ben is ${wanted}`, async () => (await state()) === wanted);
  await becomes('online');
  await other.page.click('[data-test=own-away]');
  await becomes('away');
  await other.leave();
  await becomes('offline');
});

// Media servers die one after the other, and the first is back before the second.
test('a media server that is killed in a call: the picture is back on both pages, and who was muted is muted', async () => {
  const [caller, callee] = await connect();
  await callee.page.click('[data-test=toggle-microphone]');
  await shows(caller, 'audio', false);
  const index = await stage.busyMediaServer();
  const server = stage.cluster.mediaServers[index]!;
  await server.kill();
  await eventually('both have a new connection', async () => (await stage.busyMediaServer()) === 1 - index, 40_000);
  await Promise.all([seesMotion(caller), sees(caller, 'blue'), seesMotion(callee), sees(callee, 'red')]);
  await shows(caller, 'audio', false);
  expect((await hook<{ call: { phase: string } }>(caller, 'state')).call.phase).toBe('connected');
  await stage.cluster.restart(server);
  await caller.hangUp();
  await callee.says(/hung up|ended/i);
});

test("reloaded while muted, with the camera off, it stays so, and the call's time goes on", async () => {
  const [caller, callee] = await connect();
  for (const what of ['microphone', 'camera']) await callee.page.click(`[data-test=toggle-${what}]`);
  await shows(caller, 'video', false);
  const since = async () => (await hook<{ call: { since: number } }>(callee, 'state')).call.since;
  const before = await since();
  await callee.reload();
  await seesMotion(callee);
  expect(Math.abs((await since()) - before)).toBeLessThan(2_000);
  await Promise.all([shows(caller, 'video', false), shows(caller, 'audio', false)]);
  expect(await sentVideo(callee)).toBeUndefined();
});

// Last: the gateway stays dead.
test('a gateway that is killed in a call: its page goes to the other one, and the picture never stops', async () => {
  const [caller, callee] = await connect();
  const decoded = async () => (await inbound(caller, 'video'))?.framesDecoded ?? 0;
  const connection = async () => (await hook<{ connection: string }>(caller, 'state')).connection;
  const before = await decoded();
  await stage.cluster.gateways[0]?.kill();
  await eventually('the socket is gone', async () => (await connection()) !== 'online');
  await eventually('the page is at the other gateway', async () => (await connection()) === 'online');
  expect(await decoded()).toBeGreaterThan(before);
  await seesMotion(caller);
  await caller.hangUp();
  await callee.says(/hung up|ended/i);
});
