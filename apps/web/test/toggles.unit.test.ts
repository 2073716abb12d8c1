import { SwitchboardError, type Call } from '@switchboard/client';
import { expect, it, vi } from 'vitest';
import { shallowRef } from 'vue';
import { useToggles } from '../src/phone/use-toggles.ts';
import { FakeCall } from './fake-board.ts';

function setUp(parts: Partial<Call> = {}) {
  const fake = new FakeCall('bob');
  const call = shallowRef<Call>(Object.assign(fake, parts).asCall);
  return { fake, call, toggles: useToggles(() => call.value) };
}

it.each([
  [new SwitchboardError('no_media_devices', 'none'), 'no_media_devices'],
  [new DOMException('closed', 'NotAllowedError'), 'media_denied'],
  [new TypeError('odd'), 'TypeError'],
])('a failure is told by its code: %s', async (error, code) => {
  const { toggles } = setUp({ setCamera: () => Promise.reject(error) });
  await toggles.turn('camera', true);
  expect(toggles.failure.value).toEqual({ source: 'camera', code });
});

it('a microphone that is not there cannot be turned on', async () => {
  const { fake, toggles } = setUp();
  fake.sends('video');
  await toggles.turn('microphone', true);
  expect(toggles.failure.value).toEqual({ source: 'microphone', code: 'no_media_devices' });
  await toggles.turn('microphone', false);
  expect(toggles.failure.value).toBeUndefined();
});

it('one change at a time', async () => {
  const shareScreen = vi.fn(() => new Promise<void>((done) => setTimeout(done, 5)));
  const { toggles } = setUp({ shareScreen });
  const first = toggles.turn('screen', true);
  await toggles.turn('screen', true);
  expect(toggles.busy.value).toBe('screen');
  await first;
  expect(shareScreen).toHaveBeenCalledOnce();
  expect(toggles.busy.value).toBeUndefined();
});

it('a failure of a call that is gone is no news', async () => {
  const { call, toggles } = setUp({ setCamera: () => Promise.reject(new TypeError()) });
  const turning = toggles.turn('camera', true);
  call.value = new FakeCall('cleo').asCall;
  await turning;
  expect(toggles.failure.value).toBeUndefined();
});
