/** English and Simplified Chinese: as the browser says, until the user chooses. */
import { watch } from 'vue';
import { createI18n } from 'vue-i18n';
import { recall, remember } from '../memory.ts';
import { en } from './en.ts';
import { zhCN } from './zh-CN.ts';

export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

export function makeI18n() {
  const i18n = createI18n({
    legacy: false,
    locale: firstLanguage(recall('language'), navigator.languages),
    fallbackLocale: 'en',
    messages: { en, 'zh-CN': zhCN } as unknown as Record<Language, Record<string, string>>,
  });
  watch(
    i18n.global.locale,
    (language) => {
      document.documentElement.lang = language;
    },
    { immediate: true },
  );
  return i18n;
}

export function chosen(language: Language): void {
  remember('language', language);
}

export function firstLanguage(remembered: string | undefined, accepted: readonly string[]): Language {
  if (remembered === 'en' || remembered === 'zh-CN') return remembered;
  const first = accepted.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
  return /^zh\b/i.test(first) ? 'zh-CN' : 'en';
}
