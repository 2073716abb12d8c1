/** What a gateway knows of one socket. */
import type {
  CallID,
  Device,
  GatewayID,
  LegID,
  ServerMessage,
  SessionID,
  UserID,
  WorkerID,
} from '@switchboard/protocol';

export class Member {
  readonly userID: UserID;
  readonly gateway: GatewayID;
  readonly socket: SessionID;
  /** Those of the session once the Line said which it is. */
  session: SessionID;
  connection = 1;
  open = true;
  /** What `login` said of the session that it resumes. */
  fresh = false;
  asks: readonly CallID[] = [];
  watching: readonly UserID[] = [];
  /** Calls that were placed here, under each of their IDs. */
  readonly placed = new Set<CallID>();
  readonly routes = new Map<LegID, { workerID: WorkerID; attempt: number; callID: CallID }>();

  /** Candidates of a leg wait here until its answer was written. */
  readonly answered = new Set<LegID>();
  readonly held = new Map<LegID, ServerMessage[]>();

  constructor(userID: UserID, gateway: string, socket: string) {
    this.userID = userID;
    this.gateway = gateway as GatewayID;
    this.socket = socket as SessionID;
    this.session = this.socket;
  }

  get speaker() {
    return { userID: this.userID, session: this.session, connection: this.connection };
  }

  get device(): Device {
    const { session, connection, gateway } = this;
    return { session, connection, gateway, capabilities: ['native'] };
  }
}
