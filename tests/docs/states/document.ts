/** docs/protocol/states.md. */
import { callWorld } from './call-world.ts';
import { diagram, table } from './diagram.ts';
import { explore, type Decided } from './explore.ts';
import { lineWorld } from './line-world.ts';
import { deviceOf, engagement, legOf, linkOf, media, phase, withReason } from './views.ts';

const HEAD = `# The states of Line and Call

<!-- Written by \`npm run docs\` from the real model (tests/docs/states): do not edit. -->

Found by trying every command in every state that can be reached with it (two devices, one call against each kind of rival). An arrow is an event of
[line/events.ts](../../libs/call-model/src/line/events.ts) or [call/events.ts](../../libs/call-model/src/call/events.ts); \`[*]\` is no record. The
tables say what a command
([commands.ts](../../libs/protocol/src/commands.ts)) becomes in a state: \`A + B\` are two events of one decision, a comma separates what it
depends on, \`nothing\` is a decision without events, and an empty cell is a command that makes no sense there.`;

export function statesDocument(): string {
  const call = explore(callWorld);
  const line = [...explore(lineWorld('unreachable')), ...explore(lineWorld('wake'))];
  return [HEAD, ...callSections(call), ...lineSections(line)].join('\n\n');
}

function callSections(call: readonly Decided[]): string[] {
  return [
    '## Call',
    'An arrow to `ended` is a `CallEnded` with one of these reasons.',
    diagram(call, phase, withReason),
    table(call, phase, ['[*]', 'inviting', 'ringing', 'connecting', 'connected', 'ended']),
    "### The caller's leg",
    'As long as the call lives.',
    diagram(call, legOf('caller')),
    "### The callee's leg",
    diagram(call, legOf('callee')),
    "### A party's link",
    diagram(call, linkOf('caller')),
    '### Media',
    'Each placement on a worker is an attempt; a worker without room leads to the next, and so does one whose media server is lost.',
    diagram(call, media),
  ];
}

function lineSections(line: readonly Decided[]): string[] {
  return [
    '## Line',
    'The one call that a user is engaged in. `free` is also a Line without a record. `offlineCallee` is tried both ways.',
    diagram(line, engagement),
    'Whatever changes what others see of the user is followed by `PresenceChanged` if anybody watches.',
    table(line, engagement, ['free', 'caller', 'ringing', 'callee']),
    '### A device',
    'One session of a user. `down`: its socket broke, and the grace time runs.',
    diagram(line, deviceOf('s1')),
  ];
}
