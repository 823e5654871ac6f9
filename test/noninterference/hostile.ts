import fc from "fast-check";

/** Texts that a careless layer could misinterpret. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "'; drop table public.conversations; --",
    "' or '1'='1",
    '"',
    "\\",
    "%",
    "*",
    "",
    " ",
    "null",
    "NaN",
    "-Infinity",
    "now()",
    "(0,1)",
    "{}",
    "[]",
    "a.b,c.d",
    "eq.1",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\u202e",
    "ﷺ💥",
    "x".repeat(6000),
    "__proto__",
    "constructor",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** Any JSON value, with extreme numbers, deep nesting and special keys. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -0,
    -1,
    1.5,
    2 ** 31,
    -(2 ** 63),
    2 ** 53 + 2,
    1e308,
    "1e400",
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": null}'),
    JSON.parse("[".repeat(40) + "]".repeat(40)),
    [[]],
    [{}],
    { "'": "'" },
  ),
);
