/** The shape that every language fills; a reason without its sentence does not compile. */
import type { CallState, ConnectionState, EndReason, Presence, SwitchboardErrorCode } from '@switchboard/client';
import type { Source } from '../phone/use-toggles.ts';

/** One sentence for all, or finer: by who ended the call, else by who placed it. */
export interface EndMessages {
  any: string;
  me?: string;
  peer?: string;
  incoming?: string;
}

export interface Messages {
  name: string;
  tagline: string;
  login: {
    name: string;
    namePlaceholder: string;
    token: string;
    button: string;
    busy: string;
    cancel: string;
    failed: string;
  };
  takenOver: { title: string; text: string; button: string };
  bar: { language: string; logOut: string; loggedInAs: string };
  phone: {
    callee: string;
    calleePlaceholder: string;
    call: string;
    callAudio: string;
    hangUp: string;
    accept: string;
    decline: string;
    you: string;
    nobody: string;
    duration: string;
    incomingTitle: string;
    incomingAudioTitle: string;
    remotePicture: string;
    localPicture: string;
    localScreen: string;
    yourScreen: string;
    hear: string;
  };
  toggle: { group: string } & Record<`${Source}${'' | 'Long' | 'TurnOn' | 'TurnOff'}`, string>;
  failed: Record<Source, { any: string } & Partial<Record<SwitchboardErrorCode, string>>>;
  peer: { media: string; microphoneOff: string; cameraOff: string; screen: string };
  people: {
    title: string;
    empty: string;
    add: string;
    addLabel: string;
    call: string;
    callAudio: string;
    remove: string;
    away: string;
    awayLong: string;
  };
  presence: Record<Presence | 'unknown', string>;
  notice: { noCamera: string; noMicrophone: string; gateway: string; gatewayOpen: string; gatewayAfter: string };
  connection: Record<ConnectionState['status'] | 'away', string>;
  /** `selfBefore`: the call is not connected yet. */
  reconnecting: { self: string; selfBefore: string; peer: string };
  phase: Record<Exclude<CallState['phase'], 'ended'> | 'incomingAudio', string>;
  ended: Record<EndReason, EndMessages>;
  self: string;
  error: { any: string } & Partial<Record<SwitchboardErrorCode, string>>;
}
