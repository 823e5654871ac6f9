import { Presets, SingleBar } from "cli-progress";

/** The progress display of a long operation. */
export interface Progress {
  advance: (steps: number) => void;
  /** Shows the current step. */
  say: (what: string) => void;
  stop: () => void;
}

/** Creates a progress bar on stderr, because stdout may be piped. Needs a terminal to show it. */
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
