/** What is recorded: every flow of docs/protocol/flows.md, and those stories that only happen when something overtakes something. */
import {
  makeLegID,
  type CallID,
  type Device,
  type GatewayID,
  type SessionID,
  type UserID,
  type WorkerID,
} from '@switchboard/protocol';
import { connect, ring, two, type Flow } from '../docs/flows/flow.ts';
import { FLOWS } from '../docs/flows/index.ts';
import type { Stage } from '../docs/stage/stage.ts';

type Story = Pick<Flow, 'title' | 'policy' | 'play'>;

const A_MINUTE_AND_MORE = 61_000;
const A_WHILE = 10_000;
const DAY = 24 * 3_600_000;
const GONE = '3-0190a000-0000-7000-8000-999999999999' as CallID;

const BEN = 'ben' as UserID;
const BENS: Device = {
  session: 'ben-1' as SessionID,
  connection: 1,
  gateway: 'g2' as GatewayID,
  capabilities: ['native', 'renegotiate'],
};

const onlyCall = (stage: Stage): CallID => {
  const state = [...stage.states.values()].find(({ kind }) => kind === 'call');
  if (state?.kind !== 'call') throw new Error('there is no call');
  return state.callID;
};

const forgotten: Story = {
  title: 'Forgotten after a while',
  play: (stage) => {
    const { anna } = two(stage);
    anna.call('ben', { requestID: 'r-1' });
    stage.settle();
    anna.stop();
    stage.settle();
    stage.advance(A_MINUTE_AND_MORE, 'call 1');
    anna.goodbye();
  },
};

const refused: Story = {
  title: 'Calling oneself, and while in a call',
  play: (stage) => {
    const { anna } = connect(stage);
    anna.call('anna');
    anna.call('cleo');
  },
};

const missed: Story = {
  title: 'The device that accepted had gone already',
  play: (stage) => {
    const { ben } = ring(stage);
    const second = stage.client('ben.2', 'g2');
    second.login();
    stage.settle();
    ben.accept();
    ben.goodbye();
  },
};

const unknown: Story = {
  title: 'A call that nobody knows',
  play: (stage) => {
    two(stage);
    const workerID = 'w1' as WorkerID;
    const legID = makeLegID('ben-1' as SessionID, 'o1');
    stage.sendCommand('w1', { type: 'LegAnswered', callID: GONE, attempt: 1, workerID, legID });
    stage.sendCommand('g2', { type: 'PartyHere', callID: GONE, userID: BEN, device: BENS, fresh: false });
    stage.sendCommand('Line ben', { type: 'AskCall', callID: GONE, userID: BEN });
  },
};

const merged: Story = {
  title: 'Back after a glare that was lost',
  play: (stage) => {
    const { anna, ben } = two(stage);
    anna.call('ben');
    ben.call('anna');
    stage.settle();
    const loser = [...stage.states.values()].find((state) => state.kind === 'call' && state.phase === 'ended');
    if (loser?.kind !== 'call') throw new Error('nobody lost');
    stage.sendCommand('g2', { type: 'PartyHere', callID: loser.callID, userID: BEN, device: BENS, fresh: false });
  },
};

const silent: Story = {
  title: 'Media never connects',
  play: (stage) => {
    stage.workers.media = 'is silent';
    connect(stage);
    stage.advance(stage.policy.setupMs, 'call 1');
  },
};

const failing: Story = {
  title: 'Media fails',
  play: (stage) => {
    const { ben } = two(stage);
    stage.workers.media = 'fails';
    ben.call('anna');
  },
};

const long: Story = {
  title: 'The longest call',
  play: (stage) => {
    connect(stage);
    stage.advance(stage.policy.maxCallMs, 'call 1');
  },
};

const overtaken: Story = {
  title: 'Accepted before the media is there',
  play: (stage) => {
    const { anna, ben } = two(stage);
    stage.workers.media = 'is silent';
    anna.call('ben', { media: 'audio' });
    stage.settle();
    ben.accept();
    stage.settle();
    anna.show({ audio: false, video: false, screen: false });
    const callID = onlyCall(stage);
    const workerID = 'w2' as WorkerID;
    const legID = makeLegID('anna-1' as SessionID, 'o1');
    stage.sendCommand('w2', { type: 'LegAnswered', callID, attempt: 7, workerID, legID });
    stage.settle();
    stage.advance(DAY, 'call 1');
  },
};

const away: Story = {
  title: 'Away while its media server dies',
  play: (stage) => {
    const { anna, ben } = connect(stage);
    ben.breaks();
    stage.settle();
    stage.dies('w1');
    stage.settle();
    anna.renegotiate();
    stage.settle();
    anna.breaks();
    stage.settle();
    stage.advance(A_WHILE, 'call 1');
    anna.resume('g3');
    ben.resume('g3');
    stage.settle();
    ben.renegotiate();
  },
};

const noRoom: Story = {
  title: 'The media server dies, and nobody else has room',
  play: (stage) => {
    stage.workers.names = ['w1', 'w2', 'w3', 'w4'] as WorkerID[];
    const { anna } = connect(stage);
    stage.workers.media = 'is full';
    stage.dies('w1');
    stage.settle();
    anna.renegotiate();
  },
};

const EXTRA: readonly Story[] = [
  ...[forgotten, refused, missed, unknown, merged, silent, failing, long, overtaken],
  ...[away, noRoom],
];
export const STORIES: readonly Story[] = [...FLOWS, ...EXTRA];
