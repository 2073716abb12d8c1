/** A play as a mermaid sequence diagram. Names are those of libs/protocol; IDs and SDP are shortened. */
import type { Stage } from '../stage/stage.ts';
import type { Arrow, Step } from '../stage/steps.ts';

/** Fields that say where a message comes from or goes to, which the arrow shows, or that are long. */
const UNSHOWN = new Set([
  ...['type', 'session', 'connection', 'gateway', 'device', 'owner', 'iceServers', 'gateways', 'capabilities'],
  ...['until', 'sdpOffer', 'sdpAnswer', 'candidate', 'userID', 'attempt', 'workerID', 'socket', 'as'],
]);
const SHORT: Record<string, string> = { sdpOffer: '…', sdpAnswer: '…', candidate: '…' };

export function draw(stage: Stage): string {
  const { steps } = stage;
  const players = [...new Set(steps.flatMap(playersOf))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const ids = new Map(players.map((player, index) => [player, `p${String(index)}`]));
  const id = (player: string): string => ids.get(player) ?? player;
  const lines = steps.map((step) =>
    step.kind === 'note'
      ? `Note over ${id(step.over)}: ${named(stage, step.text)}`
      : `${id(step.from)}${arrowOf(step.from, step.to)}${id(step.to)}: ${label(stage, step)}`,
  );
  const cast = players.map((player) => `participant ${id(player)} as ${titleOf(player)}`);
  return ['sequenceDiagram', ...[...cast, ...lines].map((line) => `  ${line}`)].join('\n');
}

const playersOf = (step: Step): string[] => (step.kind === 'note' ? [step.over] : [step.from, step.to]);

const RANKS = [/^(anna|cleo)/, /^g[13]$/, /^Line (anna|cleo)/, /^call /, /^Line ben/, /^g[24]$/, /^ben/, /^w/, /^push/];
const rank = (player: string): number => RANKS.findIndex((pattern) => pattern.test(player));

const isClient = (player: string): boolean => /^(anna|ben|cleo)/.test(player);

/** Frames of the WebSocket are solid lines, messages inside the cluster dashed ones. */
const arrowOf = (from: string, to: string): string => (isClient(from) || isClient(to) ? '->>' : '-->>');

function titleOf(player: string): string {
  if (player.startsWith('Line ')) return `Line of ${capital(player.slice(5))}`;
  if (player.startsWith('call ')) return `Call ${player.slice(5)}`;
  if (/^g\d/.test(player)) return `gateway ${player}`;
  if (/^w\d/.test(player)) return `worker ${player}`;
  return isClient(player) ? capital(player) : player;
}

const capital = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

function label(stage: Stage, { from, to, message }: Arrow): string {
  const shows = isClient(from) || isClient(to);
  const fields = Object.entries(message).flatMap(([name, value]) => {
    if (name === 'userID' && shows) return [`userID: ${String(value)}`];
    if (name in SHORT) return [`${name}: ${SHORT[name] ?? ''}`];
    return UNSHOWN.has(name) || value === undefined ? [] : [`${name}: ${short(value)}`];
  });
  const text = fields.length === 0 ? message.type : `${message.type} {${fields.join(', ')}}`;
  return named(stage, text);
}

function short(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(short).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}: ${short(each)}`)
    .join(', ')}}`;
}

/** Nobody reads uuids; `;` and `#` would end a label. */
const named = (stage: Stage, text: string): string =>
  text.replaceAll(/\d+-[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => stage.callName(id)).replaceAll(/[;#]/g, ',');
