/// <reference types="vite/client" />

interface Window {
  /** For tests, with `?debug` in the address only. */
  __switchboard?: {
    state(): unknown;
    /** The current call's, as plain objects; empty without a call. */
    getStats(): Promise<object[]>;
  };
}
