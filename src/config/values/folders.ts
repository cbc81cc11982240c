/** Folders of files, and where they are served. */
import { Refusal } from "../../base/refusal.ts";
import type { Mount } from "./mount.ts";
import { parsePath, parseUrlPath } from "./scalars.ts";
import type { Setting } from "./setting.ts";

/** Reads folders: `DIR` or `DIR=/PATH`, one or many. */
export function parseFolders(
  value: unknown,
  setting: Setting,
): readonly Mount[] {
  return (Array.isArray(value) ? value : [value]).map((text) =>
    parseFolder(text, setting)
  );
}

function parseFolder(text: unknown, setting: Setting): Mount {
  if (typeof text !== "string") throw new Refusal("give DIR or DIR=/PATH");
  const at = text.lastIndexOf("=/");
  const folder = at === -1 ? text : text.slice(0, at);
  const prefix = at === -1 ? "" : text.slice(at + 1);
  return {
    folder: parsePath(folder, setting),
    prefix: prefix === "/" ? "" : parseUrlPath(prefix),
  };
}

/** As it is written. */
export function formatFolder({ folder, prefix }: Mount): string {
  return prefix === "" ? folder : `${folder}=${prefix}`;
}
