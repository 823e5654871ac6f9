import { Presets, SingleBar } from "cli-progress";

/** How far a long piece of work is. */
export interface Progress {
  advance: (steps: number) => void;
  /** What is being done. */
  say: (what: string) => void;
  stop: () => void;
}

/** A bar on the terminal's second channel, since the first may be read by a machine; else nothing. */
export function createProgress(name: string, total: number): Progress {
  const format = `${name} {bar} {percentage} % | {eta_formatted} | {what}`;
  const bar = new SingleBar(
    { format, stream: process.stderr, clearOnComplete: true, hideCursor: true, etaBuffer: 200 },
    Presets.rect,
  );
  bar.start(total, 0, { what: "" });
  return {
    advance: (steps) => bar.increment(steps),
    say: (what) => bar.update({ what }),
    stop: () => bar.stop(),
  };
}
