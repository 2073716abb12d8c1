/** A script as lines that a person can read. */
import type { Script, Step } from './script.ts';

export function describe(script: Script): string {
  const { orchestrators, gateways, workers, devices } = script.cast;
  const seeds = devices.filter(({ native }) => !native).map(({ name }) => name);
  const head = [
    `seed ${String(script.seed)}, ${script.weather}; ${String(orchestrators)} orchestrators, ${String(gateways)} gateways, ${String(workers)} workers;`,
    `devices ${devices.map(({ name }) => name).join(' ')}${seeds.length === 0 ? '' : ` (of the seed: ${seeds.join(' ')})`};`,
    `offline callees: ${script.offlineCallee}`,
  ].join(' ');
  return [head, ...script.steps.map(({ at, step }) => `  t=${seconds(at)}  ${words(step)}`)].join('\n');
}

/** What a step is, in words. */
export function words(step: Step): string {
  switch (step.kind) {
    case 'call':
      return `${step.device} calls ${step.callee}`;
    case 'accept':
      return `${step.device} accepts what rings`;
    case 'decline':
      return `${step.device} declines what rings`;
    case 'stop':
      return `${step.device} hangs up or cancels`;
    case 'renegotiate':
      return `${step.device} renegotiates by itself`;
    case 'show':
      return `${step.device} turns its camera ${step.video ? 'on' : 'off'}`;
    case 'watch':
      return `${step.device} watches ${step.user}`;
    case 'drop': {
      const what = step.reload ? 'reloads its page' : 'loses its socket';
      const late = step.noticedMs === 0 ? '' : ` (its gateway notices after ${seconds(step.noticedMs)})`;
      return `${step.device} ${what}${late}, ${back(step.backMs)}${step.backMs === undefined ? '' : ` on ${step.gateway}`}`;
    }
    case 'quit':
      return `${step.device} says goodbye, ${back(step.backMs)}${step.backMs === undefined ? '' : ` on ${step.gateway}`}`;
    case 'crash':
      return `${step.place} crashes, ${back(step.backMs)}`;
    case 'hazard':
      return hazard(step);
    case 'freeze':
      return `${step.place} freezes for ${seconds(step.ms)}`;
    case 'cut off':
      return `${step.place} ${step.operation === undefined ? 'is cut off from the store' : `cannot ${step.operation}`} for ${seconds(step.ms)}`;
    case 'relieve':
      return `${step.place} hands over and leaves, ${back(step.backMs)}`;
    case 'outage':
      return `the store is away for ${seconds(step.ms)}`;
    case 'mishap':
      return `the next leg on ${step.place} ${step.what}`;
    case 'kms':
      return `the media server of ${step.place} loses everything`;
  }
}

function hazard({ place, what, operation, backMs }: Extract<Step, { kind: 'hazard' }>): string {
  const next = operation === undefined ? 'next operation' : `next ${operation}`;
  if (what === 'refused') return `the ${next} of ${place} is refused`;
  if (what === 'reply lost') return `the reply to the ${next} of ${place} is lost`;
  if (what === 'freeze before' || what === 'freeze after')
    return `${place} freezes ${what === 'freeze before' ? 'before' : 'after'} its ${next}, for ${seconds(backMs)}`;
  return `${place} crashes ${what === 'crash before' ? 'before' : 'after'} its ${next}, ${back(backMs)}`;
}

const back = (ms: number | undefined): string => (ms === undefined ? 'for good' : `back after ${seconds(ms)}`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;
