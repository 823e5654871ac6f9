import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "vite";
import { type BackendStack, readBackendStack } from "../stack.ts";
import { chatBackend } from "./backend.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * The page and its backend, on a stack. The page learns the URL and the publishable key alone.
 *
 * @param cacheDir where Vite keeps what it makes of the packages
 */
export function chatConfig(stack: BackendStack, cacheDir = path("../../.stack/vite")): UserConfig {
  return {
    root: path("."),
    cacheDir,
    // In an application, npm has installed the package under this name.
    resolve: { alias: { "supabase-ai-schema": path("../../src/index.ts") } },
    define: {
      __SUPABASE_URL__: JSON.stringify(stack.url),
      __SUPABASE_PUBLISHABLE_KEY__: JSON.stringify(stack.publishableKey),
    },
    plugins: [chatBackend(stack)],
    server: {
      host: "127.0.0.1",
      strictPort: true,
      // Vite would serve the whole repository, and with it `.stack/stack.json`, which has the keys.
      fs: { allow: [path("."), path("../../src"), cacheDir] },
    },
  };
}

export default defineConfig(() => chatConfig(readBackendStack()));
