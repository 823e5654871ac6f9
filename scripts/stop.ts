import { setTimeout } from "node:timers/promises";
import { CommandError, runCommand } from "./project/command.ts";
import { findStack } from "./stack/stack-state.ts";
import { farewell } from "./stack/welcome.ts";

const PATIENCE_MS = 15_000;

await runCommand({
  name: "stop",
  summary: "Stop the embedded local stack; its data is kept.",
  options: {},
  async run() {
    const stack = await findStack();
    if (!stack) return console.log("The stack is not running.");
    process.kill(stack.pid, "SIGTERM");
    const deadline = Date.now() + PATIENCE_MS;
    while (await findStack()) {
      if (Date.now() > deadline) {
        throw new CommandError(
          `process ${stack.pid} did not stop within ${PATIENCE_MS / 1000} seconds`,
          `run: kill -9 ${stack.pid}`,
        );
      }
      await setTimeout(100);
    }
    console.log(farewell);
  },
});
