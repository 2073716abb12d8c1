/** Microphone, camera and screen of the call that goes on: turned on and off, and why that did not work. */
import { SwitchboardError, type Call } from '@switchboard/client';
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';

export type Source = 'microphone' | 'camera' | 'screen';

export interface Failure {
  source: Source;
  code: string;
}

export interface Toggles {
  /** The one that is being turned on or off just now. */
  busy: Ref<Source | undefined>;
  failure: ShallowRef<Failure | undefined>;
  turn(source: Source, on: boolean): Promise<void>;
}

const turns: Record<Source, (call: Call, on: boolean) => void | Promise<void>> = {
  microphone: turnMicrophone,
  camera: (call, on) => call.setCamera(on),
  screen: (call, on) => call.shareScreen(on),
};

export const canShareScreen = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === 'function';

export function useToggles(call: () => Call | undefined): Toggles {
  const busy = ref<Source>();
  const failure = shallowRef<Failure>();
  watch(call, () => (failure.value = undefined));

  async function turn(source: Source, on: boolean): Promise<void> {
    const current = call();
    if (!current || busy.value) return;
    busy.value = source;
    failure.value = undefined;
    try {
      await turns[source](current, on);
    } catch (error) {
      if (call() === current) failure.value = { source, code: codeOf(error) };
    } finally {
      busy.value = undefined;
    }
  }

  return { busy, failure, turn };
}

/** Where there is none the SDK just does nothing. */
function turnMicrophone(call: Call, on: boolean): void {
  call.setMicrophone(on);
  if (on && !call.localMedia.audio) throw new SwitchboardError('no_media_devices', 'There is no microphone.');
}

/** What is no SwitchboardError comes from the browser; `NotAllowedError` is also what closing the screen picker gives. */
function codeOf(error: unknown): string {
  if (error instanceof SwitchboardError) return error.code;
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  return ['NotAllowedError', 'SecurityError', 'AbortError'].includes(name) ? 'media_denied' : name || 'unknown';
}
