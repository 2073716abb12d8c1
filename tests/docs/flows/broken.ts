/** Flows in which a socket, a page, a gateway or a worker breaks. */
import { connect, ring, two, type Flow } from './flow.ts';

const resume: Flow = {
  title: 'Resume in a call',
  words:
    'Anna’s socket breaks; she comes back on another gateway within the grace time. Media went on meanwhile. `callState` replaces what she knew.',
  play: (stage) => {
    const { anna } = connect(stage);
    stage.curtainUp();
    anna.breaks();
    stage.settle();
    anna.resume('g3');
  },
};

const reload: Flow = {
  title: 'Reload in a call',
  words:
    'The page is loaded anew, so its connection is gone: it resumes with `fresh`, is asked for a new offer, and the worker replaces its leg. Ben’s leg stays as it is.',
  play: (stage) => {
    const { anna } = connect(stage);
    stage.curtainUp();
    anna.breaks();
    stage.settle();
    anna.resume('g1', { fresh: true });
    stage.settle();
    anna.renegotiate();
  },
};

const network: Flow = {
  title: 'Another network',
  words: 'A client may renegotiate by itself at any time.',
  play: (stage) => {
    const { ben } = connect(stage);
    stage.curtainUp();
    ben.renegotiate();
  },
};

const ringing: Flow = {
  title: 'Resume while it rings',
  words:
    'Ben’s socket breaks while his device rings. He has the grace time, and at least until the ring ends; back on another gateway, he is told again what rings.',
  play: (stage) => {
    const { ben } = ring(stage);
    stage.curtainUp();
    ben.breaks();
    stage.settle();
    ben.resume('g4');
    stage.settle();
    ben.accept();
  },
};

const taken: Flow = {
  title: 'A session is taken over',
  words: 'A duplicated tab resumes the same session: the old socket is closed and does not come back by itself.',
  play: (stage) => {
    const { anna } = two(stage);
    stage.curtainUp();
    const tab = stage.client('anna.2', 'g1');
    tab.copies(anna);
    tab.resume('g1');
  },
};

const dead: Flow = {
  title: 'Both gateways are dead, and nobody comes back',
  words:
    'The owners of the partitions hear of the deaths. The call lives on until the grace time is over; then it ends with `connection_lost`. `AskCall` is what an engaged Line asks every 30 s.',
  play: (stage) => {
    connect(stage);
    stage.advance(70_000, 'call 1');
    stage.curtainUp();
    stage.dies('g1', 'g2');
    stage.settle();
    stage.advance(stage.policy.graceMs, 'call 1');
  },
};

const server: Flow = {
  title: 'A media server dies',
  words:
    'Its worker was restarted with a new one, or is dead as well: here the owner of the partition hears of that death. Both parties make a new offer, and the call goes on elsewhere; what was there is released by the worker, should it come back.',
  play: (stage) => {
    const { anna, ben } = connect(stage);
    stage.curtainUp();
    stage.dies('w1');
    stage.settle();
    anna.renegotiate();
    ben.renegotiate();
  },
};

const lost: Flow = {
  title: 'The media server is lost, and there is no other',
  words: 'Or a party cannot renegotiate: the call ends for both, at once.',
  play: (stage) => {
    stage.workers.names = ['w1'] as typeof stage.workers.names;
    connect(stage);
    stage.curtainUp();
    stage.dies('w1');
  },
};

const late: Flow = {
  title: 'Back after the end',
  words: 'Whoever was away when the call ended hears the true reason when he is back.',
  play: (stage) => {
    const { anna, ben } = connect(stage);
    anna.breaks();
    stage.curtainUp();
    ben.stop();
    stage.settle();
    anna.resume('g3');
  },
};

const leaving: Flow = {
  title: 'A gateway is being stopped',
  words:
    'Each native client is told when to move. It logs in elsewhere while its old socket still serves, so Ben hears nothing of it. Whoever is left at the end is closed with 1012.',
  play: (stage) => {
    const { anna } = connect(stage);
    stage.curtainUp();
    stage.gateways.leaves('g1', 700);
    stage.settle();
    anna.resume('g3');
  },
};

const silent: Flow = {
  title: 'Is the gateway still there?',
  words: 'A client that has heard nothing for a while asks. Without an answer within 5 s it comes back elsewhere.',
  play: (stage) => {
    const { anna } = two(stage);
    stage.curtainUp();
    anna.ping();
  },
};

const forgotten: Flow = {
  title: 'The log lost its last writes',
  words:
    'After a failover of Redis the owner of a partition finds that it knows less than before. The gateways say again what they have there: Anna’s Line knows her device again, and of the call, which is in that partition too, nothing is left, so it ends for her.',
  play: (stage) => {
    connect(stage);
    stage.curtainUp();
    stage.forgets('anna', 'g1');
  },
};

export const brokenFlows: readonly Flow[] = [
  resume,
  reload,
  network,
  ringing,
  late,
  taken,
  leaving,
  silent,
  dead,
  server,
  lost,
  forgotten,
];
