/** Flows with more than one device of a user, or more than one call between two users. */
import { connect, two, type Flow } from './flow.ts';

const elsewhere: Flow = {
  title: 'Many devices: answered elsewhere',
  words: 'Every device of the callee rings; the first that accepts gets the call, and his Line tells the others.',
  play: (stage) => {
    const { anna, ben } = two(stage);
    const second = stage.client('ben.2', 'g2');
    second.login();
    stage.curtainUp();
    anna.call('ben');
    stage.settle();
    ben.ringing();
    second.ringing();
    stage.settle();
    second.accept();
  },
};

const declined: Flow = {
  title: 'Many devices: declined elsewhere',
  words: 'One device speaks for its user.',
  play: (stage) => {
    const { anna, ben } = two(stage);
    const second = stage.client('ben.2', 'g2');
    second.login();
    anna.call('ben');
    stage.settle();
    ben.ringing();
    second.ringing();
    stage.curtainUp();
    second.decline();
  },
};

const glare: Flow = {
  title: 'Glare: each calls the other',
  words:
    'Both Lines compare the uuids of the two calls, and the lower one wins: here call 1. The Line of the winner’s callee puts its device into the winner, with the offer that it has made already; nobody has to accept.',
  play: (stage) => {
    const { anna, ben } = two(stage);
    stage.curtainUp();
    anna.call('ben');
    ben.call('anna');
  },
};

const back: Flow = {
  title: 'Calling back the one who rings',
  words: 'Whoever calls the one who rings here accepts his call.',
  play: (stage) => {
    const { anna, ben } = two(stage);
    anna.call('ben');
    stage.settle();
    ben.ringing();
    stage.curtainUp();
    ben.call('anna');
  },
};

const retry: Flow = {
  title: 'An idempotent request',
  words:
    'Anna’s socket breaks before she hears of her call. She resumes on another gateway and sends the same `requestID` again: it is the call that she placed, and no second one.',
  play: (stage) => {
    const { anna } = two(stage);
    stage.curtainUp();
    anna.call('ben', { requestID: 'r-1' });
    anna.breaks();
    stage.settle();
    anna.resume('g3');
    stage.settle();
    anna.call('ben', { requestID: 'r-1' });
  },
};

const shown: Flow = {
  title: 'Mute, camera, screen',
  words: 'What a party sends just now is shown to the other one.',
  play: (stage) => {
    const { anna } = connect(stage);
    stage.curtainUp();
    anna.show({ audio: false, video: true, screen: false });
    stage.settle();
    anna.show({ audio: true, video: false, screen: true });
  },
};

const presence: Flow = {
  title: 'Presence',
  words:
    'A gateway watches a user once for all its clients and is told at once. A list replaces the one before; an empty one ends it.',
  play: (stage) => {
    const [anna, ben] = [stage.client('anna', 'g1'), stage.client('ben', 'g2')];
    anna.login();
    stage.curtainUp();
    anna.watch('ben');
    stage.settle();
    ben.login();
    stage.settle();
    ben.setPresence('away');
    stage.settle();
    ben.call('cleo');
    stage.settle();
    ben.goodbye();
    stage.settle();
    anna.watch();
  },
};

export const deviceFlows: readonly Flow[] = [elsewhere, declined, glare, back, retry];
export const shownFlows: readonly Flow[] = [presence, shown];
