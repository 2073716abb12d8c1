/** Flows of a call between two devices that stay connected. */
import { ring, two, type Flow } from './flow.ts';

const answer: Flow = {
  title: 'Call and answer',
  words:
    "From login to hang-up. Each leg's candidates take the short way between gateway and worker; one of each is shown. Whatever a Line and a Call in one partition tell each other is one commit.",
  play: (stage) => {
    const [anna, ben] = [stage.client('anna', 'g1'), stage.client('ben', 'g2')];
    anna.login();
    ben.login();
    stage.settle();
    anna.call('ben');
    stage.settle();
    ben.ringing();
    stage.settle();
    stage.workers.gathers = true;
    ben.accept();
    stage.settle();
    anna.candidate();
    ben.candidate();
    stage.settle();
    anna.stop();
  },
};

const really: Flow = {
  title: 'Ringing really',
  words:
    'The caller hears `ringing` only once a device of the callee says that it rings. For a seed client, which knows no `ringing`, its gateway says so itself once `incomingCall` is written.',
  play: (stage) => {
    const { anna, ben } = two(stage);
    stage.curtainUp();
    anna.call('ben');
    stage.settle();
    ben.ringing();
  },
};

const decline: Flow = {
  title: 'Decline',
  words: 'A seed caller gets `callResponse rejected` without the other fields.',
  play: (stage) => {
    const { ben } = ring(stage);
    stage.curtainUp();
    ben.decline();
  },
};

const cancel: Flow = {
  title: 'Cancel',
  words: "The caller's `stop` while it rings. It is told nothing: it knows.",
  play: (stage) => {
    const { anna } = ring(stage);
    stage.curtainUp();
    anna.stop();
  },
};

const timeout: Flow = {
  title: 'Ring timeout',
  words: 'The deadline, 45 s after `call`, lies in the Call; the owner of its partition wakes it.',
  play: (stage) => {
    ring(stage);
    stage.advance(40_000, 'call 1');
    stage.curtainUp();
    stage.advance(stage.policy.ringMs - 40_000, 'call 1');
  },
};

const busy: Flow = {
  title: 'Busy',
  words: 'Cleo calls Ben, who is in a call. The running call hears nothing of it.',
  play: (stage) => {
    const { ben } = ring(stage);
    ben.accept();
    const cleo = stage.client('cleo', 'g1');
    cleo.login();
    stage.curtainUp();
    cleo.call('ben');
  },
};

const offline: Flow = {
  title: 'Not online',
  words: 'With `offlineCallee: unreachable`, the default.',
  play: (stage) => {
    const anna = stage.client('anna', 'g1');
    anna.login();
    stage.curtainUp();
    anna.call('ben');
  },
};

const wake: Flow = {
  title: 'An offline callee is woken',
  words:
    'With `offlineCallee: wake`. `push` is a mailbox that the platform’s push service reads. The first device that logs in rings; until then the call is `inviting`.',
  policy: { offlineCallee: 'wake' },
  play: (stage) => {
    const anna = stage.client('anna', 'g1');
    anna.login();
    stage.curtainUp();
    anna.call('ben');
    stage.settle();
    const ben = stage.client('ben', 'g2');
    ben.login();
    stage.settle();
    ben.ringing();
  },
};

const full: Flow = {
  title: 'A worker without room',
  words:
    'The Call asks for another worker, up to three; then the call ends with `no_capacity`. Here there are only two.',
  play: (stage) => {
    const { anna } = two(stage);
    stage.workers.media = 'is full';
    stage.curtainUp();
    anna.call('ben');
  },
};

export const callFlows: readonly Flow[] = [answer, really, decline, cancel, timeout, busy, offline, wake, full];
