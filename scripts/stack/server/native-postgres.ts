import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import { CommandError } from "../../project/command.ts";
import { checkDatabaseUrl, isListening } from "../../project/database-url.ts";
import { findPortUser } from "../port-user.ts";
import { stackDir } from "../stack-state.ts";

/** The Debian release that has the Postgres version and the extensions of hosted Supabase. */
const RELEASE = "trixie";
const PACKAGES = [
  "postgresql-17",
  "postgresql-17-pgvector",
  "postgresql-17-cron",
  "postgresql-17-pgtap",
  "postgresql-17-plpgsql-check",
];

/**
 * The extensions that the owner of a database may create. On hosted Supabase, supautils allows it.
 */
const CREATABLE_EXTENSIONS = ["vector", "pg_cron", "pgtap", "plpgsql_check", "pg_stat_statements"];

const BIN = "/usr/lib/postgresql/17/bin";
const AS_POSTGRES = "--userspec=postgres:postgres";

const PORT = 54317;
const SUPERUSER = "supabase_admin";
const PASSWORD = "postgres";

/** The root folder of the server (chroot), with its programs and its data. */
const root = join(stackDir, "postgres/root");
const DATA = "/var/lib/postgresql/data";
const LOG = "/var/lib/postgresql/server.log";

/** The log file of the server. */
export const nativeLogFile = join(root, LOG);

/** The native server's URL for its superuser. Nothing of the project runs as this role. */
export const nativeServerUrl = `postgresql://${SUPERUSER}:${PASSWORD}@127.0.0.1:${PORT}/template1`;

/**
 * Returns the URL of the server for tests on native Postgres: the one in `SUPABASE_DB_URL`, or by
 * default this project's server. Starts that server when it is not running.
 *
 * @throws CommandError same as {@link startNativePostgres}
 */
export async function nativeServer(onProgress: (step: string) => void): Promise<string> {
  const named = process.env.SUPABASE_DB_URL;
  if (named) return checkDatabaseUrl(named);
  await startNativePostgres(onProgress);
  return nativeServerUrl;
}

/**
 * Starts a native Postgres 17 with the extensions of hosted Supabase. The first time, it installs
 * Postgres below `.stack/` from Debian's packages. The data is in the same folder.
 *
 * @throws CommandError when Debian's tools are missing, or when the server does not start
 */
export async function startNativePostgres(onProgress: (step: string) => void): Promise<void> {
  if (await isNativePostgresRunning()) return;
  await expectPortFree();
  await install(onProgress);
  if (!existsSync(join(root, DATA))) {
    onProgress("Creating the database cluster …");
    await makeCluster();
  }
  onProgress("Starting Postgres …");
  // Mount /dev/shm in memory, in a separate mount namespace, so that the mount ends with the
  // server.
  await run("unshare", [
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs tmpfs "$2/dev/shm" && exec chroot "$@"',
    "sh",
    AS_POSTGRES,
    root,
    ...pgCtl("start", "--log", LOG),
  ]);
}

/** Stops the server. Returns false when it was not running. */
export async function stopNativePostgres(): Promise<boolean> {
  if (!(await isNativePostgresRunning())) return false;
  await run("chroot", [AS_POSTGRES, root, ...pgCtl("stop", "--mode", "fast")]);
  return true;
}

export async function isNativePostgresRunning(): Promise<boolean> {
  if (!existsSync(join(root, DATA))) return false;
  const status = await execa("chroot", [AS_POSTGRES, root, ...pgCtl("status")], { reject: false });
  return status.exitCode === 0;
}

/** A folder in which the programs of the server run, by its path for this process and for them. */
export interface NativeFolder {
  here: string;
  inside: string;
}

/**
 * Returns shell functions that run programs of this project's server, such as `psql`, in a new
 * folder. Without this server, the programs in `PATH` are used.
 *
 * @param folder a folder below the server's root, from {@link nativeFolder}
 */
export function nativePrograms(names: string[], { inside }: NativeFolder): string {
  if (!existsSync(root)) return "";
  return names
    .map((name) => {
      const enter = `cd ${inside} && exec ${BIN}/${name} "$@"`;
      return `${name}() { chroot '${root}' sh -c '${enter}' ${name} "$@"; }\n`;
    })
    .join("");
}

/** Creates an empty folder that this process and the programs of the server can use. */
export async function nativeFolder(): Promise<NativeFolder> {
  if (!existsSync(root)) {
    const here = await mkdtemp(join(tmpdir(), "native-"));
    return { here, inside: here };
  }
  const here = await mkdtemp(join(root, "tmp/native-"));
  return { here, inside: here.slice(root.length) };
}

function pgCtl(verb: string, ...options: string[]): string[] {
  return [`${BIN}/pg_ctl`, verb, "--pgdata", DATA, ...options];
}

async function expectPortFree() {
  if (!(await isListening(PORT))) return;
  const { who, remedy } = await findPortUser(PORT);
  throw new CommandError(`port ${PORT} is taken${who}`, remedy);
}

/** Copies the programs from the user's cache to the server's root folder. Fills the cache first. */
async function install(onProgress: (step: string) => void) {
  if (existsSync(root)) return;
  await expectDebian();
  const programs = join(cacheDir, createHash("sha256").update(RECIPE).digest("hex").slice(0, 16));
  if (!existsSync(programs)) {
    onProgress("Installing Postgres 17 from Debian's packages (once, about 700 MB) …");
    await makeWhole(programs, installPrograms);
  }
  await makeWhole(root, (unfinished) => run("cp", ["--archive", `${programs}/.`, unfinished]));
}

/** Determines the content of the installation. A change causes a new installation. */
const RECIPE = [RELEASE, ...PACKAGES, ...CREATABLE_EXTENSIONS].join(" ");

const cacheDir = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "supabase-ai-schema/postgres",
);

async function installPrograms(folder: string) {
  const include = `--include=${PACKAGES.join(",")}`;
  await run("debootstrap", ["--variant=minbase", include, RELEASE, folder]);
  // Delete the downloaded packages, which are half of the size.
  await run("chroot", [folder, "apt-get", "clean"]);
  const extensions = join(folder, "usr/share/postgresql/17/extension");
  for (const name of CREATABLE_EXTENSIONS) {
    await appendFile(join(extensions, `${name}.control`), "trusted = true\n");
  }
}

/** Creates a folder completely or not at all, because the process may be killed meanwhile. */
async function makeWhole(folder: string, make: (unfinished: string) => Promise<void>) {
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await make(unfinished);
  await rename(unfinished, folder);
}

async function expectDebian() {
  const missing = [];
  for (const tool of ["debootstrap", "unshare", "chroot"]) {
    const { failed } = await execa("which", [tool], { reject: false });
    if (failed) missing.push(tool);
  }
  const isRoot = process.getuid?.() === 0;
  if (missing.length === 0 && isRoot) return;
  const reason = missing.length > 0 ? `${missing.join(", ")} not found` : "this requires root";
  throw new CommandError(
    `Postgres 17 cannot be installed from Debian's packages: ${reason}`,
    "as root, run: apt-get install debootstrap; or set SUPABASE_DB_URL (see CONTRIBUTING.md)",
  );
}

async function makeCluster() {
  const passwordFile = "/tmp/password";
  await writeFile(join(root, passwordFile), PASSWORD);
  const settings = {
    port: PORT,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    timezone: "UTC",
    shared_preload_libraries: "pg_cron,pg_stat_statements",
    "cron.database_name": "postgres",
    // Without background workers, pg_cron opens connections, which need a password.
    "cron.use_background_workers": "on",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  await run("chroot", [
    AS_POSTGRES,
    root,
    `${BIN}/initdb`,
    `--pgdata=${DATA}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--locale=C.UTF-8",
    "--encoding=UTF8",
    ...flags,
  ]);
  await rm(join(root, passwordFile));
}

async function run(command: string, args: string[]) {
  try {
    await execa(command, args, { stdin: "ignore", all: true });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const lines = String(error.all ?? "")
      .trim()
      .split("\n");
    throw new CommandError(
      [`${command}: ${error.shortMessage.split("\n")[0]}`, ...lines.slice(-5)].join("\n  "),
      existsSync(nativeLogFile) ? `see ${nativeLogFile}` : undefined,
    );
  }
}
