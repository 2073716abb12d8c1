/** What the gateway counts. Labels come from closed sets only: nothing that a client writes becomes a label. */
import type { Registry } from '@switchboard/service-kit';
import { Counter, Gauge } from 'prom-client';
import type { Counted } from './session/actions.ts';

export interface Metrics {
  /** What a session's machine counts; `code` is the error code of a refused message. */
  counted(what: Counted, code?: string): void;
  handshakeRefused(status: number): void;
  /** A connection was cut off before anything was read of it. */
  turnedAway(): void;
  socketClosed(code: number): void;
  /** Asks these whenever somebody reads the metrics. */
  watch(ask: { sockets: () => number; sessions: () => number; waiting: () => number }): void;
}

const prefix = 'switchboard_gateway_';

export function gatewayMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `${prefix}${name}`, help, labelNames: [label], registers });
  const messages = counter('messages_total', 'Messages of which nothing came, by why', 'outcome');
  const handshakes = counter('handshakes_refused_total', 'Refused WebSocket handshakes, by HTTP status', 'status');
  const closes = counter('sockets_closed_total', 'Closed client sockets, by close code', 'code');
  const away = new Counter({
    ...{ name: `${prefix}turned_away_total`, help: 'Connections cut off because too many came at once', registers },
  });
  return {
    counted: (what, code) => messages.inc({ outcome: code === undefined ? what : `${what}:${code}` }),
    handshakeRefused: (status) => handshakes.inc({ status: String(status) }),
    turnedAway: () => away.inc(),
    socketClosed: (code) => closes.inc({ code: String(code) }),
    watch: ({ sockets, sessions, waiting }) => {
      gauge(registry, { name: `${prefix}waiting`, help: 'Connections that wait to be let in', value: waiting });
      gauge(registry, { name: `${prefix}sockets`, help: 'Open client sockets', value: sockets });
      gauge(registry, { name: `${prefix}sessions`, help: 'Sockets that are logged in', value: sessions });
    },
  };
}

function gauge(registry: Registry, { name, help, value }: { name: string; help: string; value: () => number }): void {
  new Gauge({
    ...{ name, help, registers: [registry] },
    collect() {
      this.set(value());
    },
  });
}
