/** The shape that every language fills; a reason without its sentence does not compile. */
import type { CallState, ConnectionState, EndReason, SwitchboardErrorCode } from '@switchboard/client';

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
  login: { name: string; namePlaceholder: string; token: string; button: string; busy: string; failed: string };
  bar: { language: string; logOut: string; loggedInAs: string };
  phone: {
    callee: string;
    calleePlaceholder: string;
    call: string;
    hangUp: string;
    accept: string;
    decline: string;
    you: string;
    nobody: string;
    duration: string;
    incomingTitle: string;
    remotePicture: string;
    localPicture: string;
  };
  notice: { noCamera: string; noMicrophone: string; gateway: string; gatewayOpen: string; gatewayAfter: string };
  connection: Record<ConnectionState['status'], string>;
  phase: Record<Exclude<CallState['phase'], 'ended'>, string>;
  ended: Record<EndReason, EndMessages>;
  self: string;
  error: { any: string } & Partial<Record<SwitchboardErrorCode, string>>;
}
