/** Users and groups, from the system's own files (passwd(5), group(5)). */
import { messageOf } from "../../base/errors.ts";
import type { Files } from "../../runtime/runtime.ts";

type Reader = Pick<Files, "readText">;

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
export function findUser(text: string, files: Reader): User {
  const isNumber = NUMBER.test(text);
  let row: string[] | undefined;
  try {
    const rows = readRows("/etc/passwd", files);
    row = rows.find((row) => row[isNumber ? 2 : 0] === text);
  } catch (error) {
    if (!isNumber) throw error;
  }
  if (row !== undefined) {
    return { uid: Number(row[2]), gid: Number(row[3]), name: row[0] };
  }
  if (isNumber) return { uid: Number(text), gid: undefined, name: undefined };
  throw new Error(`there is no user "${text}" in /etc/passwd`);
}

/** Finds a group's number. @throws Error saying why there is none */
export function findGroup(text: string, files: Reader): number {
  if (NUMBER.test(text)) return Number(text);
  const row = readRows("/etc/group", files).find(([name]) => name === text);
  if (row !== undefined) return Number(row[2]);
  throw new Error(`there is no group "${text}" in /etc/group`);
}

/** The groups that a user is a member of, besides its own. */
export function groupsOf(name: string, files: Reader): number[] {
  return readRows("/etc/group", files).filter(([, , , members = ""]) =>
    members.split(",").includes(name)
  ).map((row) => Number(row[2]));
}

function readRows(path: string, files: Reader): string[][] {
  let text: string | undefined;
  try {
    text = files.readText(path);
  } catch (cause) {
    throw new Error(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  return (text ?? "").split("\n").map((line) => line.split(":"));
}
