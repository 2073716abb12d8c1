/// <reference types="vite/client" />

interface Window {
  /** For tests, with `?debug` in the address only. */
  __switchboard?: {
    /** Of the session, the people's presence, and the call that is shown. */
    state(): unknown;
    /** The current call's, as plain objects; empty without a call. */
    getStats(): Promise<object[]>;
    /** Of the shown call's two streams, as plain objects. */
    tracks(): { local: object[]; remote: object[] } | undefined;
  };
}
