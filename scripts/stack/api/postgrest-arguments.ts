import { randomUUID } from "node:crypto";
import type { Ast, Schema } from "./postgrest-embeds.ts";

/**
 * Returns the arguments of a call in the form in which PostgREST passes them on.
 *
 * JSON is encoded, and marked as encoded. Without this, the library would encode objects and arrays
 * but not strings, and the driver would then encode all of them, some for the second time.
 *
 * Arguments in the query of a GET are texts, which Postgres reads as the type of the parameter. The
 * library would read `null`, `true`, `1.50` and `"x"` as values of its own types.
 */
export function postgrestArguments(
  { args, function: called, httpMethod }: Ast,
  { functions = [] }: Schema,
  query: URLSearchParams | undefined,
): object {
  if (!args || Array.isArray(args)) return args ?? {};
  const names = Object.keys(args);
  const types = new Map(
    functions
      .filter(({ name }) => name === called)
      // The names choose the function among several with one name.
      .filter(({ arg_names }) => names.every((name) => arg_names.includes(name)))
      .flatMap(({ arg_names, arg_types }) => arg_names.map((name, i) => [name, arg_types[i]])),
  );
  const sent = httpMethod === "GET" ? query : undefined;
  const converted = Object.entries(args).map(([name, value]) => {
    const type = types.get(name) ?? "";
    if (isJson(type)) return [name, value === null ? null : ENCODED + JSON.stringify(value)];
    const isList = Array.isArray(value) || type.endsWith("[]");
    return [name, isList ? value : (sent?.get(name) ?? value)];
  });
  return Object.fromEntries(converted);
}

/** Encodes a value for a parameter of the type json, unless it is encoded already. */
export function encodeJson(value: unknown): string {
  const isEncoded = typeof value === "string" && value.startsWith(ENCODED);
  return isEncoded ? value.slice(ENCODED.length) : JSON.stringify(value);
}

/**
 * A prefix for text that is already encoded as JSON. It is random, so that no other text has it.
 */
const ENCODED = `${randomUUID()}:`;

function isJson(type: string): boolean {
  return type === "json" || type === "jsonb";
}
