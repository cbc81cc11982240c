/** From the names of a user and a group to their numbers. */
import type { Config } from "../config/types.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { FileOwner, Files } from "../runtime.ts";

/** What leaves an owner as it is, see chown(2). */
const SAME = -1;

/** Who shall own unix sockets, undefined where nobody was named. @throws ConfigError */
export function resolveOwner(
  { settings, origins }: Pick<Config, "settings" | "origins">,
  files: Files,
): FileOwner | undefined {
  const { unixOwner } = settings;
  if (unixOwner === undefined) return undefined;
  const refuse = (reason: string) =>
    new ConfigError(
      `Cannot use unixOwner "${unixOwner}" from ${origins.unixOwner}: ${reason}`,
    );
  const [user = "", group = "", ...more] = unixOwner.split(":");
  if (more.length > 0 || (user === "" && group === "")) {
    throw refuse("give USER, USER:GROUP or :GROUP");
  }
  const numberOf = (name: string, kind: "user" | "group"): number => {
    if (name === "") return SAME;
    if (/^\d{1,9}$/.test(name)) return Number(name);
    const path = kind === "user" ? "/etc/passwd" : "/etc/group";
    let text: string | undefined;
    try {
      text = files.readText(path);
    } catch (cause) {
      throw refuse(`${path} cannot be read: ${messageOf(cause)}`);
    }
    const entry = text?.split("\n").map((line) => line.split(":")).find((
      [first],
    ) => first === name);
    // In both files the number is the third field, see passwd(5) and group(5).
    if (entry !== undefined) return Number(entry[2]);
    throw refuse(`there is no ${kind} "${name}" in ${path}`);
  };
  return { uid: numberOf(user, "user"), gid: numberOf(group, "group") };
}
