/** For tests, with `?debug` in the page's address only. */
import type { Phone } from './use-phone.ts';

export function exposeForTests({ session, line }: Phone): void {
  window.__switchboard = {
    state: () => ({
      session: session.value.kind,
      call: line.value.kind === 'shown' ? line.value.state : undefined,
      callID: line.value.kind === 'shown' ? line.value.call.callID : undefined,
    }),
    getStats: async () => {
      const report = line.value.kind === 'shown' ? await line.value.call.getStats() : undefined;
      const entries: object[] = [];
      report?.forEach((entry: object) => entries.push({ ...entry }));
      return entries;
    },
  };
}
