// A stream that is cut in the middle of an emoji leaves half of a character, which Postgres refuses.
import { beforeAll, describe, expect, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import {
  appendSessionMessage,
  appendToAiConversation,
  createConversation,
  createSession,
  getDocument,
  publishDocuments,
  rateMessage,
  sendMessage,
  storeDocuments,
} from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

const WHOLE = "👋";
const CUT = `Hello ${WHOLE} ${WHOLE.slice(0, 1)}`;
const BACK = `${WHOLE.slice(1)} again`;
const MENDED = `Hello ${WHOLE} \ufffd`;
const MENDED_BACK = "\ufffd again";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
});

describe("the helpers replace half characters by U+FFFD:", () => {
  test("in a conversation, a message and a rating", async () => {
    const { id, title } = await createConversation(ada.client, { title: CUT });
    expect(title).toBe(MENDED);
    const metadata = { [CUT]: [BACK, { deep: CUT }], count: 1, none: null };
    const message = await sendMessage(ada.client, id, { content: BACK, metadata });
    expect(message).toMatchObject({
      content: MENDED_BACK,
      metadata: { [MENDED]: [MENDED_BACK, { deep: MENDED }], count: 1, none: null },
    });
    expect((await rateMessage(ada.client, message.id, 1, CUT)).comment).toBe(MENDED);
  });

  test("in a session and its messages", async () => {
    const { id: brand } = await createRow("brands", ada);
    const session = await createSession(ada.client, brand, { goal: CUT });
    expect(session.parsed_intent).toEqual({ goal: MENDED });
    const message = { role: "user", content: CUT } as const;
    const { content } = await appendSessionMessage(ada.client, session.id, message);
    expect(content).toBe(MENDED);
  });

  test("in one of several messages that are appended to a chat", async () => {
    const { id } = await createRow("ai_conversations", ada);
    const say = (content: string) => ({ role: "user", content });
    await appendToAiConversation(ada.client, id, [say("whole"), say(CUT), say(WHOLE)]);
    const { messages } = must(
      await ada.client.from("ai_conversations").select("messages").eq("id", id).single(),
    );
    expect(messages).toEqual([say("whole"), say(MENDED), say(WHOLE)]);
  });

  test("in documents", async () => {
    const document = { content: CUT, embedding: vector(1), metadata: { title: BACK } };
    const mended = { content: MENDED, metadata: { title: MENDED_BACK } };
    const [own = ""] = await storeDocuments(ada.client, [document]);
    expect(await getDocument(ada.client, own)).toMatchObject(mended);
    const [shared = ""] = await publishDocuments(serviceClient(), [document]);
    expect(await getDocument(ada.client, shared)).toMatchObject(mended);
  });
});
