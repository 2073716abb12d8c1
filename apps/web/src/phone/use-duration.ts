import { computed, onScopeDispose, ref, type ComputedRef } from 'vue';

export interface Talked {
  from: number;
  to?: number;
}

/** `1:05`, and counting while the call goes on. */
export function useDuration(talked: () => Talked | undefined): ComputedRef<string | undefined> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), 500);
  onScopeDispose(() => clearInterval(timer));
  return computed(() => {
    const span = talked();
    return span && clock((span.to ?? Math.max(now.value, span.from)) - span.from);
  });
}

export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return h > 0 ? `${String(h)}:${two(m)}:${two(s)}` : `${String(m)}:${two(s)}`;
}
