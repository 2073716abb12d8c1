import { MemoryServer, MemoryStore, VirtualClock } from '@switchboard/event-log';
import { deadlinesContract } from './deadlines.ts';

deadlinesContract('deadlines of calls, in memory', () => {
  const clock = new VirtualClock();
  const servers = new Map<string, MemoryServer>();
  return Promise.resolve({
    clock,
    open: (namespace) => {
      const server = servers.get(namespace) ?? new MemoryServer({ clock });
      servers.set(namespace, server);
      return Promise.resolve(new MemoryStore(server));
    },
    pass: (ms) => clock.advance(ms),
    close: () => Promise.resolve(),
  });
});
