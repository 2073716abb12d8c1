import { eventually } from '@switchboard/testkit';
import type { Phone } from '../stage/phone.ts';
import type { Fault } from './fault.ts';

/** Its users resume on the other by themselves. */
export const gatewayKilled: Fault = {
  name: 'gateway-killed',
  what: '`kill -9` of a gateway',
  recovery: 'each of its clients is logged in at another gateway',
  withinMs: 10_000,
  async strike(stage) {
    const { cluster } = stage;
    const victim = [...cluster.gateways].sort((one, other) => stage.at(other).length - stage.at(one).length)[0]!;
    const users = stage.at(victim);
    const since = performance.now();
    await victim.kill();
    const isBack = (user: Phone) => user.isOnline && user.onlineSince > since;
    await eventually('its users are back', () => users.every(isBack), 60_000).catch(() => undefined);
    const wrong = users
      .filter((user) => !isBack(user))
      .map(({ userID, board }) => `${userID} is ${board.state.status}`);
    const recoveriesMs = users.filter(isBack).map(({ onlineSince }) => onlineSince - since);
    await stage.supervisor.replaced(victim);
    return {
      recoveriesMs,
      since,
      told: `gateway on port ${String(victim.port)}, ${String(users.length)} users`,
      wrong,
    };
  },
};
