/**
 * Finds the stack that the examples use: the local one, or the one in the environment variables.
 */
import { CommandError } from "../project/command.ts";
import { readSettings } from "../project/settings.ts";

/** The settings of a stack that a browser may have. */
export interface PublicStack {
  url: string;
  publishableKey: string;
}

/** The settings that a backend needs. Row level security does not apply to the secret key. */
export interface BackendStack extends PublicStack {
  secretKey: string;
}

/**
 * Returns the stack in `SUPABASE_URL`, with the key in `SUPABASE_PUBLISHABLE_KEY`. Without
 * `SUPABASE_URL`, returns the local stack.
 *
 * @throws CommandError when the key is missing. The local key is no default for other stacks
 */
export function readPublicStack(): PublicStack {
  const url = process.env.SUPABASE_URL;
  if (url) return { url, publishableKey: required("SUPABASE_PUBLISHABLE_KEY") };
  const { apiPort, publishableKey } = readSettings();
  return { url: `http://127.0.0.1:${apiPort}`, publishableKey };
}

/**
 * Returns the same stack as {@link readPublicStack}, with its secret key: `SUPABASE_SECRET_KEY` or
 * the local one.
 *
 * @throws CommandError when a key is missing
 */
export function readBackendStack(): BackendStack {
  const isNamed = Boolean(process.env.SUPABASE_URL);
  const secretKey = isNamed ? required("SUPABASE_SECRET_KEY") : readSettings().secretKey;
  return { ...readPublicStack(), secretKey };
}

/**
 * Checks that the stack answers a request within 5 seconds.
 *
 * @throws CommandError when it does not
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
  throw new CommandError(`SUPABASE_URL is set, so ${name} must be set too (see .env.example)`);
}
