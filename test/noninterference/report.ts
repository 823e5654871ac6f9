import type { Difference } from "./compare.ts";
import type { Verdict } from "./property.ts";

/** Describes the smallest case in which others made a difference, and how to repeat it. */
export function describeFailure({ failure }: Verdict): string {
  if (!failure) return "";
  const { caller, others, script } = failure.case;
  return [
    `Others' data makes a difference to the ${caller}:`,
    ...described(failure.difference),
    "in this script:",
    ...script.map((request, i) => `  ${i}: ${printed(request)}`),
    "beside the rows that are always there, and these:",
    ...others.map((row) => `  ${printed(row)}`),
    `run again: npm run test:noninterference -- --seed ${failure.seed} --requests 1 --asked ${failure.asked}`,
  ].join("\n");
}

function described(difference: Difference): string[] {
  switch (difference.kind) {
    case "answer":
      return [
        `request ${difference.at} returns`,
        ...differing(difference.alone, difference.beside).map(
          (answer, i) => `  ${i === 0 ? "alone: " : "beside:"} ${answer}`,
        ),
      ];
    case "own rows":
      return [
        "the script leaves these rows",
        ...difference.alone.map((row) => `  alone:  ${shortened(row)}`),
        ...difference.beside.map((row) => `  beside: ${shortened(row)}`),
      ];
    case "others' rows":
      return ["the script changes", ...difference.changed.map((row) => `  ${shortened(row)}`)];
  }
}

/** Returns the end of two long answers, from shortly before their first difference. */
function differing(alone: unknown, beside: unknown): string[] {
  const texts = [JSON.stringify(alone), JSON.stringify(beside)] as [string, string];
  let at = 0;
  while (at < texts[0].length && texts[0][at] === texts[1][at]) at += 1;
  const from = Math.max(0, at - 500);
  return texts.map((text) => shortened(from > 0 ? `…${text.slice(from)}` : text));
}

function printed(value: unknown): string {
  return shortened(JSON.stringify(value));
}

/** Cuts zeros of vectors, characters repeated 100 times or more, and texts at 2,000 characters. */
function shortened(text: string): string {
  const brief = text.replace(/(,0){9,}/g, ",0…").replace(/(.)\1{99,}/g, "$1…");
  return brief.length > 2000 ? `${brief.slice(0, 2000)}…` : brief;
}
