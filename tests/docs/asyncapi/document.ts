/** docs/protocol/asyncapi.json: the client protocol, as the gateway sees it. */
import { CLOSE, MAX_WATCHED } from '@switchboard/protocol';
import { exampleOf, frames } from './examples.ts';
import { allSchemas, refOf, type Direction, type Json } from './schemas.ts';
import { CLIENT_WORDS, INFO, SERVER_WORDS } from './words.ts';

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly direction: Direction;
  readonly summary: string;
}

const CHANNEL = '#/channels/videoCall';

export function asyncapi() {
  const entries = [...entriesOf('client', CLIENT_WORDS), ...entriesOf('server', SERVER_WORDS)];
  return {
    asyncapi: '3.0.0',
    info: { title: 'Switchboard: the client protocol', version: '1.0.0', description: INFO },
    defaultContentType: 'application/json',
    servers: { gateway: gateway() },
    channels: { videoCall: channel(entries) },
    operations: Object.fromEntries(entries.map((entry) => [operationID(entry), operation(entry)])),
    components: { messages: messages(entries), schemas: allSchemas() },
  };
}

export const asyncapiDocument = (): string => JSON.stringify(asyncapi());

const entriesOf = (direction: Direction, words: Record<string, string>): Entry[] =>
  Object.entries(words).map(([type, summary]) => ({ id: `${direction}.${type}`, type, direction, summary }));

const gateway = () => ({
  host: '{host}',
  protocol: 'wss',
  description: 'Any gateway of the cluster; `loginResponse` names them all. `ws` where TLS is off.',
  variables: { host: { default: 'localhost:8443', description: 'Host and port of a gateway.' } },
});

function channel(entries: readonly Entry[]) {
  const codes = Object.entries(CLOSE).map(
    ([name, { code, resume }]) => `${String(code)} (${name}: ${resume ? 'come back' : 'do not come back by yourself'})`,
  );
  const token = { type: 'string', description: 'With AUTH=jwt: the token, if `login` does not carry it.' };
  return {
    address: '/videoCall',
    title: 'The WebSocket of one session',
    description: `\`login\` comes first. At most ${String(MAX_WATCHED)} users are watched. Close codes: ${codes.join(', ')}, 1009 (a frame is too long).`,
    messages: Object.fromEntries(entries.map(({ id }) => [id, { $ref: `#/components/messages/${id}` }])),
    bindings: { ws: { method: 'GET', query: { type: 'object', properties: { token } } } },
  };
}

const operationID = ({ direction, type }: Entry): string =>
  `${direction === 'client' ? 'receive' : 'send'}${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;

const operation = ({ id, type, direction, summary }: Entry) => ({
  action: direction === 'client' ? 'receive' : 'send',
  channel: { $ref: CHANNEL },
  title: type,
  summary,
  messages: [{ $ref: `${CHANNEL}/messages/${id}` }],
});

function messages(entries: readonly Entry[]): Record<string, Json> {
  const all = frames();
  return Object.fromEntries(
    entries.map(({ id, type, direction, summary }) => {
      const { flow, payload } = exampleOf(all, direction, type);
      const examples = [{ name: type, summary: flow, payload }];
      const title = direction === 'client' ? `${type}, from the client` : `${type}, from the server`;
      return [id, { name: type, title, summary, payload: { $ref: refOf(id) }, examples }];
    }),
  );
}
