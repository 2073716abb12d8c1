import { describe, expect, it } from 'vitest';
import { FakeTrack, settle } from './fakes.ts';
import { ID1, online, watch } from './harness.ts';

describe('without', () => {
  it('a camera it is a call with sound, and the other is seen', async () => {
    const { alice, browser } = await online();
    browser.devices = ['audio'];
    const call = alice.call('bob');
    await settle();
    expect(browser.peer.log).toEqual(['audio sendrecv', 'no video sendrecv']);
    expect(call.state.phase).toBe('inviting');
    expect(call.localStream?.getTracks().map(({ kind }) => kind)).toEqual(['audio']);
  });

  it('a microphone it is a call with a picture', async () => {
    const { alice, browser } = await online();
    browser.devices = ['video'];
    alice.call('bob');
    await settle();
    expect(browser.peer.log).toEqual(['no audio sendrecv', 'video sendrecv']);
  });

  it('both there is none, and the server never hears of it', async () => {
    const { alice, browser, errors } = await online();
    browser.devices = [];
    const phases = watch(alice.call('bob'));
    await settle();
    expect(phases).toEqual(['requesting-media', 'ended no_media_devices by caller']);
    expect(errors).toEqual(['no_media_devices']);
    expect(browser.socket.types()).toEqual(['login']);
  });

  it('permission there is none either, and nobody is asked twice', async () => {
    const { alice, browser, errors } = await online();
    browser.devices = new DOMException('no', 'NotAllowedError');
    const phases = watch(alice.call('bob'));
    await settle();
    expect(phases.at(-1)).toBe('ended media_denied by caller');
    expect(errors).toEqual(['media_denied']);
    expect(browser.asked).toHaveLength(1);
  });

  it('both an incoming call is refused on accept', async () => {
    const { browser, incoming } = await online();
    browser.devices = [];
    browser.socket.say({ type: 'incomingCall', callerID: 'bob', callID: ID1, n: 2, media: 'video' });
    const phases = watch(incoming[0]!);
    incoming[0]!.accept();
    await settle();
    expect(browser.socket.last()).toMatchObject({ callResponse: 'rejected' });
    expect(phases.at(-1)).toBe('ended no_media_devices by callee');
  });
});

it('the page may open the media itself', async () => {
  const { alice, browser } = await online({ getMedia: () => Promise.reject(new DOMException('', 'NotAllowedError')) });
  const phases = watch(alice.call('bob'));
  await settle();
  expect(browser.asked).toEqual([]);
  expect(phases.at(-1)).toBe('ended media_denied by caller');
});

it('the streams are handed out', async () => {
  const { alice, browser } = await online();
  const call = alice.call('bob');
  const seen: string[] = [];
  call.on('localStream', () => seen.push('local'));
  const off = call.on('remoteStream', (stream) => seen.push(`remote ${String(stream.getTracks().length)}`));
  await settle();
  browser.peer.ontrack?.({ track: new FakeTrack('audio') });
  browser.peer.ontrack?.({ track: new FakeTrack('video') });
  off();
  browser.peer.ontrack?.({ track: new FakeTrack('video') });
  expect(seen).toEqual(['local', 'remote 1', 'remote 2']);
  expect(await call.getStats()).toBe('stats');
});

it('a picture is handed out once it comes, so that nobody waits for it to hear the other', async () => {
  const { alice, browser } = await online();
  const call = alice.call('bob');
  const seen: string[] = [];
  call.on('remoteStream', (stream) => seen.push(`remote ${String(stream.getTracks().length)}`));
  await settle();
  const picture = new FakeTrack('video', true);
  browser.peer.ontrack?.({ track: new FakeTrack('audio', true) });
  browser.peer.ontrack?.({ track: picture });
  expect(seen).toEqual(['remote 1']);
  picture.onunmute?.();
  expect(seen).toEqual(['remote 1', 'remote 2']);
  expect(picture.onunmute).toBeNull();
});
