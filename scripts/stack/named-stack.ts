/** Which stack the examples run on: that of `npm start`, or the one that the environment names. */
import { CommandError } from "../project/command.ts";
import { readSettings } from "../project/settings.ts";

/** What a browser may know of a stack. */
export interface PublicStack {
  url: string;
  publishableKey: string;
}

/** What a backend knows besides: the key that row level security does not bind. */
export interface BackendStack extends PublicStack {
  secretKey: string;
}

/**
 * The stack that `SUPABASE_URL` names, with its `SUPABASE_PUBLISHABLE_KEY`; by default the local one.
 *
 * @throws CommandError when the key is missing: the local one is not for other stacks
 */
export function readPublicStack(): PublicStack {
  const url = process.env.SUPABASE_URL;
  if (url) return { url, publishableKey: required("SUPABASE_PUBLISHABLE_KEY") };
  const { apiPort, publishableKey } = readSettings();
  return { url: `http://127.0.0.1:${apiPort}`, publishableKey };
}

/**
 * The same stack with its `SUPABASE_SECRET_KEY`.
 *
 * @throws CommandError when a key is missing
 */
export function readBackendStack(): BackendStack {
  const isNamed = Boolean(process.env.SUPABASE_URL);
  const secretKey = isNamed ? required("SUPABASE_SECRET_KEY") : readSettings().secretKey;
  return { ...readPublicStack(), secretKey };
}

/**
 * Asks the stack for a sign of life.
 *
 * @throws CommandError when it gives none
 */
export async function requireAnswer({ url }: PublicStack): Promise<void> {
  try {
    await fetch(`${url}/auth/v1/health`, { signal: AbortSignal.timeout(5000) });
  } catch {
    const isNamed = Boolean(process.env.SUPABASE_URL);
    throw new CommandError(
      `the stack at ${url} does not answer: ${isNamed ? "see SUPABASE_URL" : "run npm start first"}`,
    );
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new CommandError(`SUPABASE_URL is set, and so ${name} must be (see .env.example)`);
}
