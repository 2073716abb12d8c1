/** Tones made on the spot, without a file: a bell for a call that comes in, the quiet tone of a line that rings. */
import { onScopeDispose, watch } from 'vue';

export type Tone = 'bell' | 'ringback';

interface Note {
  hertz: number;
  at: number;
  seconds: number;
  loud: number;
}

const TONES: Record<Tone, { notes: Note[]; everySeconds: number }> = {
  bell: {
    everySeconds: 2.4,
    notes: [784, 988, 784, 988].map((hertz, index) => ({ hertz, at: index * 0.22, seconds: 0.5, loud: 0.16 })),
  },
  ringback: { everySeconds: 5, notes: [{ hertz: 425, at: 0, seconds: 1, loud: 0.05 }] },
};

export function useRingTone(tone: () => Tone | undefined): void {
  let stop: () => void = () => undefined;
  watch(
    tone,
    (now) => {
      stop();
      stop = now ? ring(TONES[now]) : () => undefined;
    },
    { immediate: true },
  );
  onScopeDispose(() => stop());
}

function ring({ notes, everySeconds }: (typeof TONES)[Tone]): () => void {
  const audio = new AudioContext();
  const round = () => {
    if (audio.state === 'suspended') void audio.resume();
    else notes.forEach((note) => strike(audio, note));
  };
  round();
  const timer = setInterval(round, everySeconds * 1000);
  return () => {
    clearInterval(timer);
    void audio.close();
  };
}

function strike(audio: AudioContext, { hertz, at, seconds, loud }: Note): void {
  const from = audio.currentTime + at;
  const tone = new OscillatorNode(audio, { frequency: hertz, type: 'sine' });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.linearRampToValueAtTime(loud, from + 0.02);
  volume.gain.setValueAtTime(loud, from + seconds * 0.4);
  volume.gain.exponentialRampToValueAtTime(0.0001, from + seconds);
  tone.connect(volume).connect(audio.destination);
  tone.start(from);
  tone.stop(from + seconds);
}
