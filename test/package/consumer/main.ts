// The first program of a frontend team, in a project with only the package and supabase-js.
import { createClient } from "@supabase/supabase-js";
import {
  type Conversation,
  createConversation,
  type Database,
  DatabaseError,
  type Enums,
  getConversation,
  listConversations,
  type Message,
  rateMessage,
  sendMessage,
  userRoles,
} from "supabase-ai-schema";

const { SUPABASE_URL = "", SUPABASE_PUBLISHABLE_KEY = "", EMAIL = "", PASSWORD = "" } = process.env;
// Node 20 has no WebSocket, which supabase-js requires. This program opens none.
const transport = class {} as never;
const supabase = createClient<Database>(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, {
  realtime: { transport },
});
const { error } = await supabase.auth.signInWithPassword({ email: EMAIL, password: PASSWORD });
if (error) throw error;

const conversation: Conversation = await createConversation(supabase, { title: "Packed" });
const role: Enums<"messages.role"> = "assistant";
const message: Message = await sendMessage(supabase, conversation.id, { role, content: "Hello" });
await rateMessage(supabase, message.id, 1);
const opened = await getConversation(supabase, conversation.id);
const { conversations } = await listConversations(supabase, { search: "packed" });
const refusal = await sendMessage(supabase, conversation.id, { content: "" }).catch((e) => e);

console.log(
  JSON.stringify({
    roles: userRoles,
    found: conversations.length,
    ratings: opened?.messages[0]?.feedback.map(({ rating }) => rating),
    refusal: refusal instanceof DatabaseError && [refusal.code, refusal.displayMessage],
  }),
);
