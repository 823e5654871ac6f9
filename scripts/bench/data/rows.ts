import { DAY, END, idOf, START, tenantsOfUsers } from "./people.ts";
import { randomFrom } from "./random.ts";
import {
  CONVERSATIONS_OF_USER,
  LONG_CONVERSATION,
  SESSIONS_OF_USER,
  SHORT_CONVERSATION,
  type Size,
  TURNS_OF_SESSION,
  USAGE_DAYS,
} from "./size.ts";
import { embeddingRows } from "./vectors.ts";

/** A table's rows, as `copy` reads them: one text a row, its values parted by tabs. */
export interface TableRows {
  table: string;
  columns: string[];
  count: number;
  rows: () => Iterable<string>;
}

/** So many conversations go on at any time, so that rows of all tenants lie side by side. */
const AT_A_TIME = 200;

const FEEDBACK_EVERY = 15;

const MODELS = ["gpt-4o-mini", "gpt-4o", "claude-sonnet", "gemini-flash"];

/** The rows of all tables, in an order in which they can be loaded. */
export function allRows(size: Size): TableRows[] {
  const tenantOf = tenantsOfUsers(size);
  const messages = new MessageRows(size, tenantOf);
  return [
    accountRows(size),
    tenantRows(size),
    userRows(size, tenantOf),
    messages.ofMessages(),
    // The messages know when each conversation began and ended.
    messages.ofConversations(),
    messages.ofFeedback(),
    usageRows(size, tenantOf),
    brandRows(size),
    sessionRows(size, tenantOf),
    turnRows(size, tenantOf),
    ...(size.embeddings > 0 ? [embeddingRows(size)] : []),
  ];
}

/** Whose conversation it is: they are scattered over the year, since 7919 is prime. */
function userOfConversation(conversation: number, { users }: Size): number {
  return (conversation * 7919) % users;
}

function isLong(conversation: number, { users }: Size): boolean {
  return (conversation + Math.floor(conversation / users)) % CONVERSATIONS_OF_USER === 0;
}

/** When a message was sent: at even distances through the year. */
function timeOfMessage(message: number, { messages }: Size): number {
  return START + Math.floor(((message + 1) / messages) * (END - START - 1));
}

class MessageRows {
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
        "created_at",
      ],
      count: this.size.messages,
      rows: () => this.#messages(),
    };
  }

  *#messages(): Iterable<string> {
    for (const { message, conversation, place, time } of this.#turns()) {
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

  /** By the person whose conversation it is. */
  *#feedback(): Iterable<string> {
    for (const { message, conversation, time } of this.#turns()) {
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

  /** Who says something next: any of the conversations that go on. */
  *#turns(): Iterable<{ message: number; conversation: number; place: number; time: number }> {
    const { size } = this;
    const random = randomFrom(1);
    const open: { conversation: number; said: number; length: number }[] = [];
    let next = 0;
    for (let message = 0; message < size.messages; message += 1) {
      const time = timeOfMessage(message, size);
      while (open.length < AT_A_TIME && next < size.conversations) {
        this.#began[next] = time;
        const length = isLong(next, size) ? LONG_CONVERSATION : SHORT_CONVERSATION;
        open.push({ conversation: next, said: 0, length });
        next += 1;
      }
      const at = Math.floor(random() * open.length);
      const chat = open[at] as (typeof open)[number];
      yield { message, conversation: chat.conversation, place: chat.said, time };
      chat.said += 1;
      if (chat.said < chat.length) continue;
      this.#ended[chat.conversation] = time;
      open[at] = open.at(-1) as typeof chat;
      open.pop();
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

function accountRows({ users }: Size): TableRows {
  return {
    table: "auth.users",
    columns: ["id", "aud", "role", "email", "email_confirmed_at", "created_at"],
    count: users,
    *rows() {
      const time = iso(START);
      for (let u = 0; u < users; u += 1) {
        const id = idOf("account", u);
        yield [id, "authenticated", "authenticated", emailOf(u), time, time].join("\t");
      }
    },
  };
}

function tenantRows({ tenants }: Size): TableRows {
  return {
    table: "public.tenants",
    columns: ["id", "name", "slug"],
    count: tenants,
    *rows() {
      for (let t = 0; t < tenants; t += 1)
        yield [idOf("tenant", t), `Tenant ${t}`, `t-${t}`].join("\t");
    },
  };
}

function userRows({ users }: Size, tenantOf: Int32Array): TableRows {
  return {
    table: "public.users",
    columns: ["id", "tenant_id", "auth_id", "email", "role"],
    count: users,
    *rows() {
      for (let u = 0; u < users; u += 1) {
        const isOwner = u === 0 || tenantOf[u] !== tenantOf[u - 1];
        yield [
          idOf("user", u),
          idOf("tenant", tenantOf[u] as number),
          idOf("account", u),
          emailOf(u),
          isOwner ? "owner" : "user",
        ].join("\t");
      }
    },
  };
}

/** Day by day, as usage comes. */
function usageRows({ users }: Size, tenantOf: Int32Array): TableRows {
  return {
    table: "public.usage_metrics",
    columns: [
      "id",
      "tenant_id",
      "user_id",
      "date",
      "prompt_tokens",
      "completion_tokens",
      "request_count",
      "estimated_cost",
      "created_at",
    ],
    count: users * USAGE_DAYS,
    *rows() {
      for (let day = USAGE_DAYS; day > 0; day -= 1) {
        const time = END - day * DAY;
        for (let u = 0; u < users; u += 1) {
          const tokens = 100 + Math.floor(randomOf(u * USAGE_DAYS + day) * 5_000);
          yield [
            idOf("usage", u * USAGE_DAYS + day, time),
            idOf("tenant", tenantOf[u] as number),
            idOf("user", u),
            iso(time).slice(0, 10),
            tokens,
            tokens * 2,
            1 + (tokens % 40),
            (tokens / 1e6).toFixed(6),
            iso(time),
          ].join("\t");
        }
      }
    },
  };
}

/** One of each tenant. */
function brandRows({ tenants }: Size): TableRows {
  return {
    table: "public.brands",
    columns: ["id", "tenant_id", "name", "slug"],
    count: tenants,
    *rows() {
      for (let t = 0; t < tenants; t += 1)
        yield [idOf("brand", t), idOf("tenant", t), `Brand ${t}`, "brand"].join("\t");
    },
  };
}

/** A person's newest session is open, the others are delivered. */
function sessionRows({ users, sessions }: Size, tenantOf: Int32Array): TableRows {
  return {
    table: "public.conversation_sessions",
    columns: [
      "id",
      "brand_id",
      "tenant_id",
      "user_id",
      "state",
      "created_at",
      "last_activity_at",
      "completed_at",
    ],
    count: sessions,
    *rows() {
      for (let s = 0; s < sessions; s += 1) {
        const user = s % users;
        const began = timeOfSession(s, sessions);
        const ended = iso(began + (TURNS_OF_SESSION - 1) * 60_000);
        const isOpen = Math.floor(s / users) === SESSIONS_OF_USER - 1;
        yield [
          idOf("session", s, began),
          ...deskOf(user, tenantOf),
          isOpen ? "executing" : "delivered",
          iso(began),
          ended,
          isOpen ? "\\N" : ended,
        ].join("\t");
      }
    },
  };
}

function turnRows({ users, sessions, turns }: Size, tenantOf: Int32Array): TableRows {
  return {
    table: "public.conversation_messages",
    columns: [
      "id",
      "session_id",
      "brand_id",
      "tenant_id",
      "user_id",
      "role",
      "content",
      "tokens_used",
      "model_used",
      "provider",
      "cost_usd",
      "latency_ms",
      "created_at",
    ],
    count: turns,
    *rows() {
      for (let n = 0; n < turns; n += 1) {
        // A session is told at one go: the next person's begins when it ends.
        const s = Math.floor(n / TURNS_OF_SESSION);
        const place = n % TURNS_OF_SESSION;
        const began = timeOfSession(s, sessions);
        const time = began + place * 60_000;
        const isAnswer = place % 2 === 1;
        const length = 50 + Math.floor(randomOf(n) * 400);
        yield [
          idOf("turn", n, time),
          idOf("session", s, began),
          ...deskOf(s % users, tenantOf),
          isAnswer ? "assistant" : "user",
          textOf(n, length),
          Math.ceil(length / 4),
          isAnswer ? MODELS[n % MODELS.length] : "\\N",
          isAnswer ? "openai" : "\\N",
          isAnswer ? (length / 1e6).toFixed(6) : "\\N",
          isAnswer ? 500 : "\\N",
          iso(time),
        ].join("\t");
      }
    },
  };
}

/** What a session and all that is said in it belong to: brand, tenant and account. */
function deskOf(user: number, tenantOf: Int32Array): string[] {
  const tenant = tenantOf[user] as number;
  return [idOf("brand", tenant), idOf("tenant", tenant), idOf("account", user)];
}

export function timeOfSession(session: number, sessions: number): number {
  return START + Math.floor((session / sessions) * (END - START - DAY));
}

/** A number from 0 to below 1 that is the same for the same number; cheaper than {@link randomFrom}. */
function randomOf(number: number): number {
  return ((Math.imul(number + 1, 0x9e3779b1) >>> 0) % 10_007) / 10_007;
}

function emailOf(user: number): string {
  return `user-${user}@bench.example`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

const WORDS = "the of and to in is you that it he was for on are as with his they at be".split(" ");
const TEXT = (() => {
  const random = randomFrom(2);
  let text = "";
  while (text.length < 1 << 20) text += `${WORDS[Math.floor(random() * WORDS.length)]} `;
  return text;
})();

function textOf(number: number, length: number): string {
  const from = (Math.imul(number + 1, 0x85ebca6b) >>> 0) % (TEXT.length - length);
  return TEXT.slice(from, from + length).replace(/^ | $/g, "x");
}
