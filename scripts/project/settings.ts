import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse as parseDotenv } from "dotenv";
import { parse as parseToml } from "smol-toml";
import { CommandError } from "./command.ts";

/** The folder with `package.json`. */
export const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The folder with `supabase/`. The Supabase CLI reads the same variable. */
export const workdir = process.env.SUPABASE_WORKDIR ?? packageRoot;

/** The default keys of `supabase start`. They are public: use them for local stacks only. */
const LOCAL_KEYS = {
  jwt_secret: "super-secret-jwt-token-with-at-least-32-characters-long",
  publishable_key: "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH",
  secret_key: "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
};

/** The auth settings that the embedded stack supports. */
const AUTH_SETTINGS = [
  "site_url",
  "additional_redirect_urls",
  "jwt_expiry",
  "enable_refresh_token_rotation",
  "refresh_token_reuse_interval",
  "enable_signup",
  "minimum_password_length",
  "password_requirements",
];
const AUTH_EMAIL_SETTINGS = [
  "enable_signup",
  "double_confirm_changes",
  "enable_confirmations",
  "otp_length",
  "otp_expiry",
];

export interface StackSettings {
  apiPort: number;
  dbPort: number;
  /** The schemas that the API serves. */
  schemas: string[];
  /** The maximum number of rows that one API request returns. */
  maxRows: number;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** The other supported settings of `[auth]`, in the form that `@supabase/lite` reads. */
  auth: Record<string, unknown>;
}

type Table = Record<string, unknown>;

/**
 * Reads the local stack's ports and keys from `supabase/config.toml`, where `env(NAME)` stands for
 * a variable of the environment or of `.env`.
 *
 * @throws CommandError when the file is missing, is not TOML, or names a variable that is not set
 */
export function readSettings(root = workdir): StackSettings {
  const path = join(root, "supabase", "config.toml");
  if (!existsSync(path)) throw new CommandError(`${path} is missing`, "run: npx supabase init");
  let config: Table;
  try {
    config = parseToml(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CommandError(`supabase/config.toml is not valid TOML: ${(error as Error).message}`);
  }
  const api = table(config, "api");
  const db = table(config, "db");
  const auth = table(config, "auth");
  const environment = { ...dotenv(root), ...process.env };
  const key = (name: keyof typeof LOCAL_KEYS) =>
    typeof auth[name] === "string" ? fromEnv(auth[name], environment) : LOCAL_KEYS[name];
  return {
    apiPort: port(api, "api", 54321),
    dbPort: port(db, "db", 54322),
    schemas: (api.schemas as string[] | undefined) ?? ["public"],
    maxRows: Number(api.max_rows ?? 1000),
    publishableKey: key("publishable_key"),
    secretKey: key("secret_key"),
    jwtSecret: key("jwt_secret"),
    auth: { ...pick(auth, AUTH_SETTINGS), email: pick(table(auth, "email"), AUTH_EMAIL_SETTINGS) },
  };
}

function dotenv(root: string): Record<string, string> {
  const path = join(root, ".env");
  return existsSync(path) ? parseDotenv(readFileSync(path)) : {};
}

function fromEnv(value: string, environment: Record<string, string | undefined>): string {
  const name = /^env\((\w+)\)$/.exec(value)?.[1];
  if (!name) return value;
  const found = environment[name];
  if (!found) {
    throw new CommandError(
      `supabase/config.toml uses the variable ${name}, which is not set`,
      "set it in .env (see .env.example)",
    );
  }
  return found;
}

function port(section: Table, name: string, otherwise: number): number {
  const value = section.port ?? otherwise;
  if (Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536) return Number(value);
  throw new CommandError(`supabase/config.toml: [${name}] port is not a port number: ${value}`);
}

function table(parent: Table, name: string): Table {
  return (parent[name] ?? {}) as Table;
}

function pick(from: Table, names: string[]): Table {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
}
