// A stack in a process of its own, so that the tests and the stack each have a core: started by the
// global setup, it tells how to reach it, and ends with the process that started it.
import { hardenProcess } from "../../scripts/stack/api/harden-process.ts";
import { startTemporaryStack } from "../../scripts/stack/stack.ts";

const [options = "{}"] = process.argv.slice(2);

hardenProcess();
try {
  const stack = await startTemporaryStack(JSON.parse(options));
  process.once("disconnect", async () => {
    await stack.close();
    process.exit();
  });
  process.send?.({ environment: stack.environment });
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
