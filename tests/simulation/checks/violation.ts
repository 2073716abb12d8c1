/** The first thing that went wrong in a run. `invariant` names the rule; a shorter script must break the same one. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
  /** ms of the run. */
  readonly at: number;
}
