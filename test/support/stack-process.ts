// Runs a stack in a separate process, so that the tests and the stack each have a core. The global
// setup starts it. It sends the stack's URLs and keys to its parent, and ends when the parent ends.
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
