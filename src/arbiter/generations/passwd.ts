/** Users and groups: from the system's own files (passwd(5), group(5)), and from its name services where those do not know one. */
import { messageOf } from "../../base/errors.ts";
import type { Files } from "../../runtime/runtime.ts";
import type { AskProgram } from "./ask-program.ts";

/** Where users and groups are looked up. */
export interface Accounts {
  readonly files: Pick<Files, "readText">;
  /** Asks getent(1) and id(1), which know LDAP, sssd and the like. */
  readonly ask: AskProgram;
}

/** A user; what a number alone does not tell is undefined. */
export interface User {
  readonly uid: number;
  /** The user's own group. */
  readonly gid: number | undefined;
  readonly name: string | undefined;
}

/** A number that stands for itself, known to the system or not. */
const NUMBER = /^\d{1,9}$/;

/** Finds a user by name or number. @throws Error saying why there is none */
export async function findUser(
  text: string,
  accounts: Accounts,
): Promise<User> {
  const isNumber = NUMBER.test(text);
  let row: string[] | undefined;
  try {
    const rows = readRows("/etc/passwd", accounts);
    row = rows.find((row) => row[isNumber ? 2 : 0] === text);
  } catch (error) {
    if (!isNumber) throw error;
  }
  row ??= await askFor("passwd", text, accounts);
  if (row !== undefined) {
    return { uid: Number(row[2]), gid: Number(row[3]), name: row[0] };
  }
  if (isNumber) return { uid: Number(text), gid: undefined, name: undefined };
  throw new Error(
    `there is no user "${text}" in /etc/passwd, nor by getent(1)`,
  );
}

/** A user's number alone. @throws Error saying why there is none */
export async function findUid(
  text: string,
  accounts: Accounts,
): Promise<number> {
  if (NUMBER.test(text)) return Number(text);
  return (await findUser(text, accounts)).uid;
}

/** Finds a group's number. @throws Error saying why there is none */
export async function findGroup(
  text: string,
  accounts: Accounts,
): Promise<number> {
  if (NUMBER.test(text)) return Number(text);
  const row =
    readRows("/etc/group", accounts).find(([name]) => name === text) ??
      await askFor("group", text, accounts);
  if (row !== undefined) return Number(row[2]);
  throw new Error(
    `there is no group "${text}" in /etc/group, nor by getent(1)`,
  );
}

/** The groups that a user is a member of, besides its own. */
export async function groupsOf(
  name: string,
  accounts: Accounts,
): Promise<number[]> {
  const local = readRows("/etc/group", accounts).filter((
    [, , , members = ""],
  ) => members.split(",").includes(name)).map((row) => Number(row[2]));
  const isLocal = readRows("/etc/passwd", accounts).some(([user]) =>
    user === name
  );
  if (isLocal) return local;
  const printed = await accounts.ask("id", ["-G", name]) ?? "";
  const told = printed.trim().split(/\s+/).filter((one) => NUMBER.test(one));
  return [...new Set([...local, ...told.map(Number)])];
}

/** The row of a name or number, as getent(1) prints it. */
async function askFor(
  database: "passwd" | "group",
  text: string,
  { ask }: Accounts,
): Promise<string[] | undefined> {
  // No account's name begins so, and getent would take it for an option.
  if (text === "" || text.startsWith("-")) return undefined;
  const row = (await ask("getent", [database, text]))?.trim().split(":");
  return row !== undefined && NUMBER.test(row[2] ?? "") ? row : undefined;
}

function readRows(path: string, { files }: Accounts): string[][] {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  return (text ?? "").split("\n").map((line) => line.split(":"));
}
