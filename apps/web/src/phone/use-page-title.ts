import { onScopeDispose, watchEffect } from 'vue';

/** The tab says who calls, also when another tab is in front. */
export function usePageTitle(title: () => string): void {
  const before = document.title;
  watchEffect(() => {
    document.title = title();
  });
  onScopeDispose(() => {
    document.title = before;
  });
}
