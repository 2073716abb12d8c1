/** What a person at the page sees and hears, asked of the page itself. */
import { eventually, type Phone } from '@switchboard/testkit';

/** Decoded frames rise and the picture changes. */
export async function seesMotion(each: Phone): Promise<void> {
  const first = await eventually(
    'a first frame',
    async () => {
      const picture = await each.picture();
      return picture.frames > 2 ? picture : undefined;
    },
    20_000,
  );
  await eventually(
    'a moving picture',
    async () => {
      const picture = await each.picture();
      return picture.frames > first.frames + 5 && picture.print !== first.print;
    },
    20_000,
  );
}

export interface Stat {
  readonly type: string;
  readonly kind?: string;
  readonly state?: string;
  readonly nominated?: boolean;
  readonly totalAudioEnergy?: number;
  readonly framesDecoded?: number;
  readonly remoteCandidateId?: string;
  readonly id: string;
  readonly port?: number;
}
export function stats(each: Phone): Promise<Stat[]> {
  return each.page.evaluate(() =>
    (window as unknown as { __switchboard: { getStats(): Promise<Stat[]> } }).__switchboard.getStats(),
  );
}
export const inbound = async (each: Phone, kind: string) =>
  (await stats(each)).find((stat) => stat.type === 'inbound-rtp' && stat.kind === kind);
