/** Short deadlines: a run sees the end of everything in some seconds. */
import type { Policy } from '@switchboard/call-model';
import type { Script } from './script/script.ts';

export const policyOf = ({ offlineCallee }: Pick<Script, 'offlineCallee'>): Policy => ({
  ringMs: 3500,
  setupMs: 2500,
  graceMs: 2500,
  maxCallMs: 6000,
  tombstoneMs: 3000,
  checkMs: 2000,
  offlineCallee,
});
