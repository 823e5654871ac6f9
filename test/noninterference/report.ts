import type { Difference } from "./compare.ts";
import type { Verdict } from "./property.ts";

/** The smallest case in which others made a difference, and how to see it again. */
export function describeFailure({ failure }: Verdict): string {
  if (!failure) return "";
  const { caller, others, script } = failure.case;
  return [
    `Others' data makes a difference to the ${caller}:`,
    ...described(failure.difference),
    "in this script:",
    ...script.map((request, i) => `  ${i}: ${printed(request)}`),
    "beside what is always there, and:",
    ...others.map((row) => `  ${printed(row)}`),
    `again: npm run test:noninterference -- --seed ${failure.seed} --requests 1`,
  ].join("\n");
}

function described(difference: Difference): string[] {
  switch (difference.kind) {
    case "answer":
      return [
        `request ${difference.at} is answered`,
        `  alone:  ${printed(difference.alone)}`,
        `  beside: ${printed(difference.beside)}`,
      ];
    case "own rows":
      return [
        "it leaves",
        ...difference.alone.map((row) => `  alone:  ${shortened(row)}`),
        ...difference.beside.map((row) => `  beside: ${shortened(row)}`),
      ];
    case "others' rows":
      return ["it changes", ...difference.changed.map((row) => `  ${shortened(row)}`)];
  }
}

function printed(value: unknown): string {
  return shortened(JSON.stringify(value));
}

/** Without the zeros of vectors, and without what makes a text very long. */
function shortened(text: string): string {
  const brief = text.replace(/(,0){9,}/g, ",0…").replace(/(.)\1{99,}/g, "$1…");
  return brief.length > 2000 ? `${brief.slice(0, 2000)}…` : brief;
}
