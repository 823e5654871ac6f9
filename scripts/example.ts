import { join } from "node:path";
import type { ViteDevServer } from "vite";
import { demoSignIns } from "./contract/sign-ins.ts";
import { CommandError, runCommand, UsageError } from "./project/command.ts";
import { packageRoot } from "./project/settings.ts";
import { readBackendStack, requireAnswer } from "./stack/named-stack.ts";
import { findPortUser } from "./stack/port-user.ts";
import { stackDir } from "./stack/stack-state.ts";

const PORT = 5173;

await runCommand({
  name: "example",
  summary: "Serve the example chat (examples/chat) on the stack of npm start, until Ctrl-C.",
  options: {
    port: { type: "string", value: "N", description: `the port to listen on (default: ${PORT})` },
  },
  async run({ port = String(PORT) }) {
    const number = Number(port);
    if (!/^\d+$/.test(port) || number > 65535) throw new UsageError(`${port} is not a port number`);
    const stack = readBackendStack();
    await requireAnswer(stack);
    // Loaded on demand: Vite is large, and --help and the checks above do not need it.
    const { createServer } = await import("vite");
    const { chatConfig } = await import("../examples/chat/vite.config.ts");
    const server = await createServer({
      ...chatConfig(stack, {
        cacheDir: join(stackDir, "vite"),
        packageSource: join(packageRoot, "src"),
      }),
      configFile: false,
      logLevel: "warn",
    });
    await listen(server, number);
    closeOnSignal(server);
    console.log(`\nThe example chat is at ${server.resolvedUrls?.local[0]}`);
    console.log(`  It uses the stack at ${stack.url}. Demo users: ${namesOf(demoSignIns.emails)}`);
    console.log("  Press Ctrl-C to stop it");
  },
});

async function listen(server: ViteDevServer, port: number) {
  try {
    await server.listen(port);
  } catch (error) {
    await server.close();
    if (!/already in use/.test((error as Error).message)) throw error;
    const { who, remedy } = await findPortUser(port);
    const another = "choose another port: npm run example -- --port N";
    throw new CommandError(`port ${port} is taken${who}`, `${remedy}, or ${another}`);
  }
}

/** Closes the server on SIGINT and SIGHUP. Vite handles SIGTERM. */
function closeOnSignal(server: ViteDevServer) {
  for (const signal of ["SIGINT", "SIGHUP"] as const) {
    process.once(signal, async () => {
      await server.close();
      process.exit(0);
    });
  }
}

function namesOf(emails: string[]): string {
  return emails.map((email) => email.split("@")[0]).join(", ");
}
