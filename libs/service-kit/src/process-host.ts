/** The parts of `process` that the frame of a service needs; a test hands in its own. */
export interface ProcessHost {
  env: Readonly<Record<string, string | undefined>>;
  /** Without the node binary and the script. */
  argv: readonly string[];
  on(event: string, listener: (...args: unknown[]) => void): void;
  /** Calls back once when standard input has closed. */
  onInputClosed(listener: () => void): void;
  printError(text: string): void;
  print(text: string): void;
  exit(code: number): void;
}

export function realProcess(): ProcessHost {
  return {
    env: process.env,
    argv: process.argv.slice(2),
    on: (event, listener) => void process.on(event, listener),
    onInputClosed,
    printError: (text) => void process.stderr.write(text),
    print: (text) => void process.stdout.write(text),
    exit: (code) => process.exit(code),
  };
}

function onInputClosed(listener: () => void): void {
  for (const event of ['end', 'close', 'error']) process.stdin.once(event, listener);
  process.stdin.resume();
  process.stdin.unref();
}
