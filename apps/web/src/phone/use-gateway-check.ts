/**
 * Which other gateways this browser cannot reach: with a self-signed certificate, those whose certificate was not accepted
 * yet. A page may not see why a request failed, only that it did.
 */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { originOf } from '../settings.ts';

export function useGatewayCheck(gateways: readonly string[], origin: string): ShallowRef<string[]> {
  const unreachable = shallowRef<string[]>([]);
  const others = gateways.filter((gateway) => originOf(gateway) !== origin);

  async function check(): Promise<void> {
    const answers = await Promise.all(others.map(answersAtAll));
    unreachable.value = others.filter((_, index) => !answers[index]);
  }

  const recheck = () => {
    if (document.visibilityState === 'visible') void check();
  };
  window.addEventListener('focus', recheck);
  document.addEventListener('visibilitychange', recheck);
  onScopeDispose(() => {
    window.removeEventListener('focus', recheck);
    document.removeEventListener('visibilitychange', recheck);
  });
  void check();
  return unreachable;
}

function answersAtAll(gateway: string): Promise<boolean> {
  return fetch(new URL('healthz', `${gateway.replace(/\/$/, '')}/`), { mode: 'no-cors', cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}
