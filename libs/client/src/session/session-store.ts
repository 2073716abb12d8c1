/** The session in the page's storage. A storage that is full, forbidden or holds nonsense is as good as none. */
import type { SessionStorage } from '../options.ts';

export interface StoredSession {
  readonly sessionID: string;
  readonly userID: string;
  readonly deviceID?: string;
}

export class SessionStore {
  readonly #storage: SessionStorage | undefined;
  readonly #userID: string;
  readonly #key: string;

  constructor(storage: SessionStorage | undefined, userID: string, gateways: readonly string[]) {
    this.#storage = storage;
    this.#userID = userID;
    this.#key = `switchboard ${userID} ${[...gateways].sort().join(' ')}`;
  }

  read(): StoredSession | undefined {
    return attempt(() => {
      const found = JSON.parse(this.#storage?.getItem(this.#key) ?? 'null') as Partial<StoredSession> | null;
      const isOurs = typeof found?.sessionID === 'string' && found.userID === this.#userID;
      return isOurs ? (found as StoredSession) : undefined;
    });
  }

  write(sessionID: string, deviceID: string | undefined): void {
    const session: StoredSession = { sessionID, userID: this.#userID, ...(deviceID !== undefined && { deviceID }) };
    attempt(() => this.#storage?.setItem(this.#key, JSON.stringify(session)));
  }

  remove(): void {
    attempt(() => this.#storage?.removeItem(this.#key));
  }
}

function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}
