/** From the names of a user and a group to their numbers. */
import type { Config, Settings } from "../../config/table/types.ts";
import { ConfigError, messageOf } from "../../base/errors.ts";
import type { FileOwner, Identity } from "../../runtime/runtime.ts";
import { findGroup, findUid, findUser, groupsOf } from "./passwd.ts";
import type { Accounts } from "./passwd.ts";

/** What leaves an owner as it is, see chown(2). */
const SAME = -1;

type Given = Pick<Config, "settings" | "origins">;
type OwnerName = "unixOwner" | "controlOwner";
type Name = OwnerName | "user" | "group";

/** The owner of unix sockets, or of the control socket; undefined where none was named. @throws ConfigError */
export async function resolveOwner(
  { settings, origins }: Given,
  accounts: Accounts,
  name: OwnerName = "unixOwner",
): Promise<FileOwner | undefined> {
  const owner = settings[name];
  if (owner === undefined) return undefined;
  const [user = "", group = "", ...more] = owner.split(":");
  return await explained({ settings, origins }, name, async () => {
    if (more.length > 0 || (user === "" && group === "")) {
      throw new Error("give USER, USER:GROUP or :GROUP");
    }
    return {
      uid: user === "" ? SAME : await findUid(user, accounts),
      gid: group === "" ? SAME : await findGroup(group, accounts),
    };
  });
}

/** The user and groups that workers run as, undefined where they stay what corn is. @throws ConfigError */
export async function resolveIdentity(
  given: Given,
  { accounts, uid }: { accounts: Accounts; uid: number },
): Promise<Identity | undefined> {
  const { user, group, initgroups } = given.settings;
  if (user === undefined && group === undefined) return undefined;
  const account = user === undefined
    ? undefined
    : await explained(given, "user", () => findUser(user, accounts));
  const own = group === undefined
    ? account?.gid
    : await explained(given, "group", () => findGroup(group, accounts));
  const name: Name = user === undefined ? "group" : "user";
  return await explained(given, name, async () => {
    if (uid !== 0) {
      throw new Error("only root may become another; leave it out");
    }
    if (own === undefined) {
      throw new Error("the number alone tells no group; give --group");
    }
    // Without initgroups no group of root's stays.
    const more = initgroups && account?.name !== undefined
      ? await groupsOf(account.name, accounts)
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
async function explained<Value>(
  { settings, origins }: Given,
  name: Name & keyof Settings,
  run: () => Promise<Value>,
): Promise<Value> {
  try {
    return await run();
  } catch (cause) {
    throw new ConfigError(
      `Cannot use ${name} "${settings[name]}" from ${origins[name]}: ${
        messageOf(cause)
      }`,
      { cause },
    );
  }
}
