/** What is wrong with one variable or flag. */
export interface ConfigFault {
  /** `PORT`, or the flag as it was typed: `--prot`. */
  name: string;
  problem: string;
  example?: string;
}

/** The configuration was refused. `message` lists every fault, one a line, and never a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(['The configuration has faults:', ...faults.map(line)].join('\n'));
    this.faults = faults;
  }
}

function line({ name, problem, example }: ConfigFault): string {
  return `  ${name}: ${problem}${example === undefined ? '' : ` (example: ${example})`}`;
}
