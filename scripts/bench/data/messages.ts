import { idOf } from "./people.ts";
import type { Size } from "./size.ts";
import { turnsOf, userOfConversation } from "./turns.ts";
import { iso, MODELS, randomOf, type TableRows, textOf } from "./values.ts";

const FEEDBACK_EVERY = 15;

/** The rows of conversations, messages and feedback. */
export class MessageRows {
  readonly #began: Float64Array;
  readonly #ended: Float64Array;

  constructor(
    readonly size: Size,
    readonly tenantOf: Int32Array,
  ) {
    this.#began = new Float64Array(size.conversations);
    this.#ended = new Float64Array(size.conversations);
  }

  ofMessages(): TableRows {
    return {
      table: "public.messages",
      columns: [
        "id",
        "conversation_id",
        "tenant_id",
        "role",
        "content",
        "token_count",
        "model_used",
        "latency_ms",
        "position",
        "created_at",
      ],
      count: this.size.messages,
      rows: () => this.#messages(),
    };
  }

  *#messages(): Iterable<string> {
    for (const { message, conversation, place, time, isLast } of turnsOf(this.size)) {
      if (place === 0) this.#began[conversation] = time;
      if (isLast) this.#ended[conversation] = time;
      const isAnswer = place % 2 === 1;
      const random = randomOf(message);
      const length = isAnswer ? 100 + Math.floor(random * 900) : 30 + Math.floor(random * 170);
      yield [
        idOf("message", message, time),
        this.#idOf(conversation),
        this.#tenantIdOf(conversation),
        isAnswer ? "assistant" : "user",
        textOf(message, length),
        Math.ceil(length / 4),
        isAnswer ? MODELS[message % MODELS.length] : "\\N",
        isAnswer ? 200 + Math.floor(random * 11_000) : "\\N",
        place + 1,
        iso(time),
      ].join("\t");
    }
  }

  ofConversations(): TableRows {
    return {
      table: "public.conversations",
      columns: ["id", "tenant_id", "user_id", "title", "is_archived", "created_at", "updated_at"],
      count: this.size.conversations,
      rows: () => this.#conversations(),
    };
  }

  *#conversations(): Iterable<string> {
    for (let c = 0; c < this.size.conversations; c += 1) {
      yield [
        this.#idOf(c),
        this.#tenantIdOf(c),
        idOf("user", userOfConversation(c, this.size)),
        textOf(c, 30),
        c % 20 === 7 ? "t" : "f",
        iso(this.#began[c] as number),
        iso(this.#ended[c] as number),
      ].join("\t");
    }
  }

  ofFeedback(): TableRows {
    return {
      table: "public.feedback",
      columns: ["id", "message_id", "tenant_id", "user_id", "rating", "comment", "created_at"],
      count: Math.floor(this.size.messages / FEEDBACK_EVERY),
      rows: () => this.#feedback(),
    };
  }

  /** Feedback by the user who owns the conversation. */
  *#feedback(): Iterable<string> {
    for (const { message, conversation, time } of turnsOf(this.size)) {
      if (message % FEEDBACK_EVERY !== FEEDBACK_EVERY - 1) continue;
      yield [
        idOf("feedback", message, time),
        idOf("message", message, time),
        this.#tenantIdOf(conversation),
        idOf("user", userOfConversation(conversation, this.size)),
        randomOf(message) < 0.8 ? 1 : -1,
        message % 5 === 0 ? textOf(message, 60) : "\\N",
        iso(time),
      ].join("\t");
    }
  }

  #idOf(conversation: number): string {
    return idOf("conversation", conversation, this.#began[conversation]);
  }

  #tenantIdOf(conversation: number): string {
    const user = userOfConversation(conversation, this.size);
    return idOf("tenant", this.tenantOf[user] as number);
  }
}
