/** A KMS: pipelines and legs, which outlive the worker in front of it. */
import type { CallID, LegID, Role } from '@switchboard/protocol';

export interface KmsLeg {
  readonly legID: LegID;
  answered: boolean;
  /** ICE and DTLS. */
  up: boolean;
}

export interface Pipeline {
  readonly callID: CallID;
  readonly attempt: number;
  readonly legs: Map<Role, KmsLeg>;
  joined: boolean;
}

export class MediaServer {
  readonly pipelines = new Map<string, Pipeline>();
  readonly #onJoined: (callID: CallID) => void;

  /** `onJoined`: the parties of a call are connected to each other, and media passes as soon as it comes. */
  constructor(onJoined: (callID: CallID) => void) {
    this.#onJoined = onJoined;
  }

  create(name: string, callID: CallID, attempt: number): Pipeline {
    const pipeline: Pipeline = { callID, attempt, legs: new Map(), joined: false };
    this.pipelines.set(name, pipeline);
    return pipeline;
  }

  find(legID: LegID): { pipeline: Pipeline; leg: KmsLeg } | undefined {
    for (const pipeline of this.pipelines.values()) {
      for (const leg of pipeline.legs.values()) if (leg.legID === legID) return { pipeline, leg };
    }
    return undefined;
  }

  join(pipeline: Pipeline): void {
    pipeline.joined = true;
    this.#onJoined(pipeline.callID);
  }
}
