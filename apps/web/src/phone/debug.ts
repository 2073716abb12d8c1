/** For tests, with `?debug` in the page's address only. */
import type { Line } from './line.ts';
import type { Phone } from './use-phone.ts';

export function exposeForTests({ session, line, presence, away }: Phone): void {
  window.__switchboard = {
    state: () => ({
      session: session.value.kind,
      connection: 'connection' in session.value ? session.value.connection.status : undefined,
      sessionID: sessionIDOf(session.value),
      presence: Object.fromEntries(presence.value),
      away: away.value,
      ...callOf(line.value),
    }),
    getStats: async () => {
      const report = line.value.kind === 'shown' ? await line.value.call.getStats() : undefined;
      const entries: object[] = [];
      report?.forEach((entry: object) => entries.push({ ...entry }));
      return entries;
    },
    tracks: () =>
      line.value.kind === 'shown'
        ? { local: tracksOf(line.value.local), remote: tracksOf(line.value.remote) }
        : undefined,
  };
}

function sessionIDOf(session: Phone['session']['value']): string | undefined {
  return session.kind === 'logged-in' && session.connection.status === 'online'
    ? session.connection.sessionID
    : undefined;
}

function callOf(line: Line): object {
  if (line.kind === 'idle') return {};
  const { call, state, peerState, peerMedia, localMedia } = line;
  const { callID, peerID, role, direction, media } = call;
  return { call: state, callID, peerID, role, direction, media, peerState, peerMedia, localMedia };
}

function tracksOf(stream: MediaStream | undefined): object[] {
  return (stream?.getTracks() ?? []).map(({ id, kind, enabled, muted, readyState, label }) => ({
    id,
    kind,
    enabled,
    muted,
    readyState,
    label,
  }));
}
