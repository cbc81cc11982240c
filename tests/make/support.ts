/** Configs and places for what `corn make` writes. */
import { parseArguments } from "../../src/cli/args.ts";
import { subjectOf } from "../../src/make/subject.ts";
import type { Place, Subject } from "../../src/make/subject.ts";
import type { MadeFile } from "../../src/make/file.ts";
import { load, machine } from "../config/support.ts";

export interface SubjectOptions extends Partial<Place> {
  /** What the config file exports. */
  readonly file?: object;
}

/** What `corn make KIND ...given` would make files from, in /srv/shop. */
export async function subject(
  given: readonly string[],
  { file, ...place }: SubjectOptions = {},
): Promise<Subject> {
  const { folder = "/srv/shop", env = {} } = place;
  const config = await load({
    ...machine({
      [`${folder}/app.ts`]: "",
      ...(file && { [`${folder}/corn.config.ts`]: { default: file } }),
    }),
    cwd: folder,
    env,
    flags: parseArguments(given),
  });
  return subjectOf(config, {
    runtime: "node",
    version: "24.21.0",
    start: ["/usr/bin/node", `${folder}/node_modules/corn/bin/corn.js`],
    given,
    folder,
    env,
    has: (name) => name === "package-lock.json",
    ...place,
  });
}

/** The text of one of the files, by how its name ends. */
export function textOf(made: readonly MadeFile[], end: string): string {
  const found = made.find(({ name }) => name.endsWith(end));
  if (found === undefined) throw new Error(`Cannot find ${end}: not made`);
  return found.text;
}

/** What a unit says of a name, each time. */
export function directive(unit: string, name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map((one) =>
    one[1] as string
  );
}
