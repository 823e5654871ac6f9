import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";
import { type BackendStack, chatBackend } from "./server/backend.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Returns the configuration for the page and its backend on a stack. The page gets the URL and the
 * publishable key only.
 *
 * @param options.cacheDir the cache folder of Vite
 * @param options.packageSource sources of `supabase-ai-schema`, used instead of the installed
 *   package
 */
export function chatConfig(
  stack: BackendStack,
  options: { cacheDir?: string; packageSource?: string } = {},
): UserConfig {
  const { cacheDir = path("./node_modules/.vite"), packageSource } = options;
  return {
    root: path("./page"),
    cacheDir,
    ...(packageSource && {
      resolve: { alias: { "supabase-ai-schema": `${packageSource}/index.ts` } },
    }),
    define: {
      __SUPABASE_URL__: JSON.stringify(stack.url),
      __SUPABASE_PUBLISHABLE_KEY__: JSON.stringify(stack.publishableKey),
    },
    plugins: [chatBackend(stack)],
    server: {
      host: "127.0.0.1",
      strictPort: true,
      // By default, Vite would serve the whole repository, including files with keys.
      fs: {
        allow: [
          path("./page"),
          path("./node_modules"),
          cacheDir,
          ...(packageSource ? [packageSource] : []),
        ],
      },
    },
  };
}

/** For `npx vite` in a copy of this folder: environment variables name the stack. */
export default defineConfig(() =>
  chatConfig({
    url: required("SUPABASE_URL"),
    publishableKey: required("SUPABASE_PUBLISHABLE_KEY"),
    secretKey: required("SUPABASE_SECRET_KEY"),
  }),
);

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: see README.md`);
}
