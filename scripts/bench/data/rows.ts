import { MessageRows } from "./messages.ts";
import { DAY, END, idOf, START, TYPICAL_USERS, tenantsOfUsers } from "./people.ts";
import { SESSIONS_OF_USER, type Size, TURNS_OF_SESSION, USAGE_DAYS } from "./size.ts";
import { iso, MODELS, randomOf, type TableRows, textOf } from "./values.ts";
import { embeddingRows } from "./vectors.ts";

/** Returns the rows of all tables, in loading order. */
export function allRows(size: Size): TableRows[] {
  const tenantOf = tenantsOfUsers(size);
  const messages = new MessageRows(size, tenantOf);
  return [
    accountRows(size),
    tenantRows(size),
    userRows(size, tenantOf),
    messages.ofMessages(),
    // Generated after the messages, which set the start and end of each conversation.
    messages.ofConversations(),
    messages.ofFeedback(),
    usageRows(size, tenantOf),
    brandRows(size),
    sessionRows(size, tenantOf),
    turnRows(size, tenantOf),
    ...(size.embeddings > 0 ? [embeddingRows(size)] : []),
  ];
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

/** Usage rows, ordered by day as in production. */
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
      "total_tokens",
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
            tokens * 3,
            1 + (tokens % 40),
            (tokens / 1e6).toFixed(6),
            iso(time),
          ].join("\t");
        }
      }
    },
  };
}

/** One brand per tenant. */
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

/** Session rows. The newest session of each user is open, the others are delivered. */
function sessionRows(size: Size, tenantOf: Int32Array): TableRows {
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
    count: size.sessions,
    *rows() {
      for (let n = 0; n < size.sessions; n += 1) {
        const { id, user, began, isOpen } = sessionAt(n, size);
        const ended = iso(began + (TURNS_OF_SESSION - 1) * 60_000);
        yield [
          id,
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

function turnRows(size: Size, tenantOf: Int32Array): TableRows {
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
      "position",
      "created_at",
    ],
    count: size.turns,
    *rows() {
      for (let n = 0; n < size.turns; n += 1) {
        // The turns of a session are consecutive rows, followed by those of the next session.
        const session = sessionAt(Math.floor(n / TURNS_OF_SESSION), size);
        const place = n % TURNS_OF_SESSION;
        const turn = session.number * TURNS_OF_SESSION + place;
        const time = session.began + place * 60_000;
        const isAnswer = place % 2 === 1;
        const length = 50 + Math.floor(randomOf(turn) * 400);
        yield [
          idOf("turn", turn, time),
          session.id,
          ...deskOf(session.user, tenantOf),
          isAnswer ? "assistant" : "user",
          textOf(turn, length),
          Math.ceil(length / 4),
          isAnswer ? MODELS[turn % MODELS.length] : "\\N",
          isAnswer ? "openai" : "\\N",
          isAnswer ? (length / 1e6).toFixed(6) : "\\N",
          isAnswer ? 500 : "\\N",
          place + 1,
          iso(time),
        ].join("\t");
      }
    },
  };
}

/** Returns the ids that a session and its turns share: brand, tenant and account. */
function deskOf(user: number, tenantOf: Int32Array): string[] {
  const tenant = tenantOf[user] as number;
  return [idOf("brand", tenant), idOf("tenant", tenant), idOf("account", user)];
}

/** Returns a session by its place. The first sessions of all users come before the second ones. */
function sessionAt(place: number, size: Size) {
  return sessionOf(place % size.users, Math.floor(place / size.users), size);
}

/**
 * Returns a session of a user. In the typical tenant, a session starts at the same time at every size
 * of the data.
 */
export function sessionOf(user: number, round: number, { users }: Size) {
  const share = user < TYPICAL_USERS ? user / TYPICAL_USERS : user / users;
  const began = START + Math.floor(((round + share) / SESSIONS_OF_USER) * (END - START - DAY));
  const number = user * SESSIONS_OF_USER + round;
  const isOpen = round === SESSIONS_OF_USER - 1;
  return { id: idOf("session", number, began), number, user, began, isOpen };
}

function emailOf(user: number): string {
  return `user-${user}@bench.example`;
}
