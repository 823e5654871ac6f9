import { AuthError } from "@supabase/supabase-js";
import { DatabaseError } from "../src/index.ts";
import { CommandError, runCommand } from "./project/command.ts";

await runCommand({
  name: "example:documents",
  summary: "Store, search and delete documents as a demo user of npm start.",
  options: {},
  async run() {
    try {
      await import("../examples/documents.ts");
    } catch (error) {
      if (error instanceof DatabaseError) throw new CommandError(error.displayMessage);
      if (error instanceof AuthError) throw new CommandError(error.message, "npm run db:reset");
      throw error;
    }
  },
});
