/** From what was explored to diagrams and tables. */
import type { State } from '@switchboard/call-model';
import type { Change, Decided } from './explore.ts';

const MOST_VARIANTS = 4;

/** What a machine is in; undefined: it is none of this machine's business. */
export type View = (state: State | undefined) => string | undefined;

/** `from` to `to` by these labels. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly labels: Set<string>;
}

/** A state diagram of all changes of `view`. `label` names a change, by its event usually. */
export function diagram(
  decided: readonly Decided[],
  view: View,
  label: (change: Change) => string = ({ event }) => event.type,
): string {
  const edges = new Map<string, Edge>();
  for (const change of decided.flatMap(({ changes }) => changes)) {
    const [from, to] = [view(change.before), view(change.after)];
    if (from === undefined || to === undefined || from === to) continue;
    const edge = edges.get(`${from}>${to}`) ?? { from, to, labels: new Set() };
    edges.set(`${from}>${to}`, edge);
    edge.labels.add(label(change));
  }
  const lines = [...edges.values()].map(
    ({ from, to, labels }) => `  ${from} --> ${to}: ${[...labels].sort().join(', ')}`,
  );
  return ['```mermaid', 'stateDiagram-v2', ...lines, '```'].join('\n');
}

/** What each command does in each state: the events of its decision, or all variants of it. */
export function table(decided: readonly Decided[], view: View, columns: readonly string[]): string {
  const commands = [...new Set(decided.map(({ command }) => command.type))].sort();
  const rows = commands.map((type) => [code(type), ...columns.map((column) => cell(decided, view, type, column))]);
  const head = ['command', ...columns];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cell(decided: readonly Decided[], view: View, type: string, column: string): string {
  const here = decided.filter(({ command, before }) => command.type === type && view(before) === column);
  if (here.length === 0) return '';
  const variants = [...new Set(here.map(({ changes }) => named(changes).join(' + ')))].sort(nothingLast);
  if (variants.length <= MOST_VARIANTS) return variants.join(', ');
  return `any of ${[...new Set(variants.flatMap((variant) => variant.split(' + ')))].sort(nothingLast).join(', ')}`;
}

/** `PresenceChanged` may follow anything. */
function named(changes: readonly Change[]): string[] {
  const types = changes.map(({ event }) => event.type).filter((type) => type !== 'PresenceChanged');
  return types.length === 0 ? ['nothing'] : [...new Set(types)];
}

const nothingLast = (a: string, b: string): number =>
  Number(a === 'nothing') - Number(b === 'nothing') || (a < b ? -1 : 1);

export const code = (text: string): string => `\`${text}\``;
