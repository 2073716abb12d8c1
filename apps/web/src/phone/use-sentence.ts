import { useI18n } from 'vue-i18n';
import type { Status } from './status.ts';

/** Says a status in the user's language. */
export function useSentence(): (what: Pick<Status, 'keys' | 'values'>) => string {
  const { t, te } = useI18n();
  return ({ keys, values }) => t(keys.find((key) => te(key, 'en')) ?? '', values);
}
