import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "vite";
import { inject } from "vitest";
import { chatConfig } from "../../examples/chat/vite.config.ts";
import { packageRoot } from "../../scripts/project/settings.ts";

/** The example chat, connected to the stack of the tests. */
export interface Chat {
  url: string;
  close: () => Promise<void>;
}

/** Serves the example chat on a free port, with a temporary Vite cache. */
export async function startChat(): Promise<Chat> {
  const { API_URL, PUBLISHABLE_KEY, SECRET_KEY } = inject("stack");
  const stack = { url: API_URL, publishableKey: PUBLISHABLE_KEY, secretKey: SECRET_KEY };
  const cacheDir = await mkdtemp(join(tmpdir(), "chat-"));
  const server = await createServer({
    ...chatConfig(stack, { cacheDir, packageSource: join(packageRoot, "src") }),
    configFile: false,
    logLevel: "error",
  });
  await server.listen(0);
  const address = server.httpServer?.address() as AddressInfo | undefined;
  if (!address) throw new Error("the example chat has no port to serve on");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      await server.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}
