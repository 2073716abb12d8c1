/** A socket before login: nobody knows yet what it understands, so it hears of its login and of nothing else. */
import type { ServerMessage } from '@switchboard/protocol';
import { refusalText, type Told } from './told.ts';

export function anonymous(told: Told): readonly ServerMessage[] {
  if (told.kind !== 'fault') return [];
  if (told.re !== 'login' && told.code !== 'not_logged_in') return [];
  return [{ type: 'loginResponse', content: 'rejected', error: refusalText(told) }];
}
