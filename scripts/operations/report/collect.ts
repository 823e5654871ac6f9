import { readFile } from "node:fs/promises";
import postgres from "postgres";
import { CommandError } from "../../project/command.ts";
import { connectTo } from "../../project/database-url.ts";
import { type Flag, findFlags } from "./flags.ts";
import { type Section, type SectionName, type Sections, sectionSources } from "./sections.ts";

/** The report, as `db:report --json` prints it. */
export interface Report {
  generated_at: string;
  database: DatabaseFacts;
  flags: Flag[];
  sections: Sections;
}

export interface DatabaseFacts {
  name: string;
  /** Host and port. */
  host: string;
  version: string;
  size_bytes: number;
  /** The time of the last statistics reset, or null if the statistics were never reset. */
  statistics_since: string | null;
}

/** Timeouts that cancel a slow query, so that the report does not hold up the database. */
const LIMITS = "set local statement_timeout = '60s'; set local lock_timeout = '5s'";

/** The SQLSTATE when pg_stat_statements is created but not in `shared_preload_libraries`. */
const NOT_LOADED = "55000";

/**
 * Reads a report in one read-only transaction, so that all sections show the same moment.
 *
 * @throws CommandError when the database does not accept the connection or a query fails
 */
export async function readReport(databaseUrl: string): Promise<Report> {
  const sql = connectTo(databaseUrl);
  try {
    return await sql.begin("isolation level repeatable read read only", (transaction) =>
      collectReport(transaction, new URL(databaseUrl).host),
    );
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    throw new CommandError(`cannot read the database: ${error.message}`);
  } finally {
    await sql.end();
  }
}

/** Reads a report in an open transaction. Changes its settings and does not restore them. */
export async function collectReport(sql: postgres.TransactionSql, host: string): Promise<Report> {
  await sql.unsafe(`${LIMITS}; set local timezone = 'UTC'; set local datestyle = 'ISO'`);
  // All queries use qualified names, except for pg_stat_statements, which has no fixed schema.
  await sql.unsafe(await readQuery("find-statistics.sql"));
  const [facts] = await selectRows<Omit<DatabaseFacts, "host"> & { generated_at: string }>(
    sql,
    "database.sql",
  );
  if (!facts) throw new Error("database.sql returned nothing");
  const { generated_at, ...database } = facts;
  const sections: Partial<Record<SectionName, Section<unknown>>> = {};
  for (const name of Object.keys(sectionSources) as SectionName[]) {
    sections[name] = await readSection(sql, name);
  }
  const complete = sections as Sections;
  const flags = findFlags(complete, new Date(generated_at));
  return { generated_at, database: { ...database, host }, flags, sections: complete };
}

async function readSection(
  sql: postgres.TransactionSql,
  name: SectionName,
): Promise<Section<unknown>> {
  const { query, needs } = sectionSources[name];
  try {
    return await sql.savepoint(async (savepoint) => {
      for (const relation of needs) {
        const [found] = await savepoint`select to_regclass(${relation}) is not null as it`;
        if (!found?.it) return { missing: `this database has no ${relation}` };
      }
      return { rows: await selectRows(savepoint, query) };
    });
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    return error.code === NOT_LOADED ? { missing: error.message } : { error: error.message };
  }
}

/** Returns the rows as Postgres converts them to JSON, so that client type parsers do not apply. */
async function selectRows<Row>(sql: postgres.TransactionSql, file: string): Promise<Row[]> {
  const query = await readQuery(file);
  // slow-queries.sql uses the comment to exclude the queries of the report.
  const [result] = await sql.unsafe(
    `select /* db:report */ coalesce(json_agg(q), '[]')::text as rows from (\n${query}\n) q`,
  );
  return JSON.parse(result?.rows);
}

function readQuery(file: string): Promise<string> {
  return readFile(new URL(`queries/${file}`, import.meta.url), "utf8");
}
