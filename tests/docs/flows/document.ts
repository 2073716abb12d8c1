/** docs/protocol/flows.md. */
import { draw } from './draw.ts';
import { FLOWS, played, type Flow } from './index.ts';

const HEAD = `# The flows, message by message

<!-- Written by \`npm run docs\` from the real model (tests/docs/flows): do not edit. -->

Each diagram is a play of the real Lines and Calls; clients, gateways and workers are small stand-ins that speak as
[decision 0012](../decisions/0012-resume-glare-and-presence.md) says. Solid arrows are frames of the WebSocket, between a native client and its
gateway ([asyncapi.json](asyncapi.json)); dashed ones are messages inside the cluster
([commands.ts](../../libs/protocol/src/commands.ts), [process-messages.ts](../../libs/protocol/src/process-messages.ts)). Notes name the event
that changed a Line or a Call ([states.md](states.md)), and what only the owner of a partition says: \`WorkerChosen\`, \`WakeCall\`, \`WakeLine\`,
\`GatewayLost\`, \`WorkerLost\`. Addresses, SDP and candidates are left out or shortened to …; \`call 1\` stands for a callID. Seed clients get
fewer messages: [protocol.md](../protocol.md) has them case by case.
`;

export function flowsDocument(): string {
  const contents = FLOWS.map(({ title }) => `- [${title}](#${anchorOf(title)})`).join('\n');
  return [HEAD, contents, ...FLOWS.map(section)].join('\n\n');
}

function section(flow: Flow): string {
  return [`## ${flow.title}`, flow.words, `\`\`\`mermaid\n${draw(played(flow))}\n\`\`\``].join('\n\n');
}

/** As GitHub makes it of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
