import { AuthError } from "@supabase/supabase-js";
import { DatabaseError } from "../src/index.ts";
import { demoSignIns } from "./contract/sign-ins.ts";
import { CommandError, runCommand } from "./project/command.ts";
import { readPublicStack, requireAnswer } from "./stack/named-stack.ts";

await runCommand({
  name: "example:documents",
  summary: "Store, search and delete documents as a demo user of npm start.",
  options: {},
  async run() {
    const stack = readPublicStack();
    await requireAnswer(stack);
    const { password, emails } = demoSignIns;
    try {
      const { runDocuments } = await import("../examples/documents/documents.ts");
      await runDocuments({ ...stack, email: emails[0] ?? "", password });
    } catch (error) {
      if (error instanceof DatabaseError) throw new CommandError(error.displayMessage);
      if (error instanceof AuthError)
        throw new CommandError(error.message, "run: npm run db:reset");
      throw error;
    }
  },
});
