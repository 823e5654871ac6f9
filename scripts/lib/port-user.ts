import findProcess from "find-process";

/**
 * Says in words who listens on a port: ` by node (pid 123)`, or nothing when it cannot be seen.
 */
export async function describePortUser(port: number): Promise<string> {
  const users: { pid: number; name: string }[] = await findProcess("port", port).catch(() => []);
  const user = users.find(({ pid }) => pid > 0);
  if (!user) return "";
  const isDocker = user.name.includes("docker");
  return ` by ${user.name} (pid ${user.pid})${isDocker ? ": is `supabase start` running?" : ""}`;
}
