/** Programs of this machine that stand in no ordinary user's PATH. */
import { existsSync } from "node:fs";

const FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

/** The path of a program; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find(existsSync);
}
