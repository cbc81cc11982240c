/** From the names of a user and a group to their numbers. */
import type { Config, Settings } from "../../config/table/types.ts";
import { ConfigError, messageOf } from "../../base/errors.ts";
import type { FileOwner, Files, Identity } from "../../runtime/runtime.ts";
import { findGroup, findUser, groupsOf } from "./passwd.ts";

/** What leaves an owner as it is, see chown(2). */
const SAME = -1;

type Given = Pick<Config, "settings" | "origins">;
type Name = "unixOwner" | "user" | "group";

/** Who shall own unix sockets, undefined where nobody was named. @throws ConfigError */
export function resolveOwner(
  { settings, origins }: Given,
  files: Files,
): FileOwner | undefined {
  const { unixOwner } = settings;
  if (unixOwner === undefined) return undefined;
  const [user = "", group = "", ...more] = unixOwner.split(":");
  return explained({ settings, origins }, "unixOwner", () => {
    if (more.length > 0 || (user === "" && group === "")) {
      throw new Error("give USER, USER:GROUP or :GROUP");
    }
    return {
      uid: user === "" ? SAME : findUser(user, files).uid,
      gid: group === "" ? SAME : findGroup(group, files),
    };
  });
}

/** Who workers run as, undefined where they stay what corn is. @throws ConfigError */
export function resolveIdentity(
  given: Given,
  { files, uid }: { files: Files; uid: number },
): Identity | undefined {
  const { user, group, initgroups } = given.settings;
  if (user === undefined && group === undefined) return undefined;
  const account = user === undefined
    ? undefined
    : explained(given, "user", () => findUser(user, files));
  const own = group === undefined
    ? account?.gid
    : explained(given, "group", () => findGroup(group, files));
  const name: Name = user === undefined ? "group" : "user";
  return explained(given, name, () => {
    if (uid !== 0) {
      throw new Error("only root may become another; leave it out");
    }
    if (own === undefined) {
      throw new Error("the number alone tells no group; give --group");
    }
    // Without initgroups no group of root's stays.
    const more = initgroups && account?.name !== undefined
      ? groupsOf(account.name, files)
      : [];
    return {
      uid: account?.uid,
      gid: own,
      groups: [...new Set([own, ...more])],
    };
  });
}

/** The owner of what an identity makes. */
export function ownerOf(identity: Identity | undefined): FileOwner | undefined {
  return identity && { uid: identity.uid ?? SAME, gid: identity.gid };
}

/** Names the setting, its value and where it came from in what is thrown. */
function explained<Value>(
  { settings, origins }: Given,
  name: Name & keyof Settings,
  run: () => Value,
): Value {
  try {
    return run();
  } catch (cause) {
    throw new ConfigError(
      `Cannot use ${name} "${settings[name]}" from ${origins[name]}: ${
        messageOf(cause)
      }`,
      { cause },
    );
  }
}
