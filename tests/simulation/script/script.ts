/** A run as data: who is there, what the users do and what breaks, each at its time. Any part of it may be left out. */
import type { Mishap } from '../cast/worker.ts';
import type { HazardKind } from '../engine/hazards.ts';
import type { WeatherKind } from '../engine/weather.ts';

export type Step =
  | { readonly kind: 'call'; readonly device: string; readonly callee: string }
  | { readonly kind: 'accept' | 'decline' | 'stop' | 'renegotiate'; readonly device: string }
  | { readonly kind: 'show'; readonly device: string; readonly video: boolean }
  | { readonly kind: 'watch'; readonly device: string; readonly user: string }
  /** The socket breaks, and the device is back after a while; never, if that is undefined. */
  | {
      readonly kind: 'drop';
      readonly device: string;
      readonly reload: boolean;
      readonly noticedMs: number;
      readonly backMs: number | undefined;
      readonly gateway: string;
    }
  /** The client says goodbye. */
  | { readonly kind: 'quit'; readonly device: string; readonly backMs: number | undefined; readonly gateway: string }
  | { readonly kind: 'crash'; readonly place: string; readonly backMs: number }
  /** A fault at the next operation of that kind. `backMs`: until the place is manned again, or the process thaws. */
  | {
      readonly kind: 'hazard';
      readonly place: string;
      readonly what: HazardKind;
      readonly operation: string | undefined;
      readonly backMs: number;
    }
  | { readonly kind: 'freeze'; readonly place: string; readonly ms: number }
  /** From the store, or from one operation on it. */
  | { readonly kind: 'cut off'; readonly place: string; readonly ms: number; readonly operation: string | undefined }
  /** An orchestrator hands over and leaves; another one comes. */
  | { readonly kind: 'relieve'; readonly place: string; readonly backMs: number }
  | { readonly kind: 'outage'; readonly ms: number }
  | { readonly kind: 'mishap'; readonly place: string; readonly what: Mishap }
  | { readonly kind: 'kms'; readonly place: string };

export interface Timed {
  /** ms of the run. */
  readonly at: number;
  readonly step: Step;
}

export interface Cast {
  readonly orchestrators: number;
  readonly gateways: number;
  readonly workers: number;
  /** `anna.1`; `native`: one of our clients, else the seed's. */
  readonly devices: readonly { readonly name: string; readonly native: boolean }[];
}

export interface Script {
  readonly seed: number;
  readonly weather: WeatherKind;
  readonly offlineCallee: 'unreachable' | 'wake';
  readonly cast: Cast;
  readonly steps: readonly Timed[];
}

export const userOf = (device: string): string => device.slice(0, device.indexOf('.'));
