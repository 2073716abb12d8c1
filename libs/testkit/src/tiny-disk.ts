/** A disk of a few MB (a tmpfs) that a test can fill: for processes that must live through a full one. Only root may mount it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface TinyDisk {
  readonly dir: string;
  /** No block is free any more: what is written into a block that is in use still fits. */
  fill(): Promise<void>;
  /** There is room again. */
  clear(): Promise<void>;
  unmount(): Promise<void>;
}

const run = promisify(execFile);

/** Undefined where mounting is not permitted. */
export async function mountTinyDisk(megabytes: number): Promise<TinyDisk | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', dir]);
  } catch {
    await rm(dir, { recursive: true });
    return undefined;
  }
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: async () => {
      const { bavail, bsize } = await statfs(dir);
      await writeFile(filler, Buffer.alloc(bavail * bsize));
    },
    clear: () => truncate(filler, 0),
    unmount: async () => {
      await run('umount', [dir]);
      await rm(dir, { recursive: true });
    },
  };
}
