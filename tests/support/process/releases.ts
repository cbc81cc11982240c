/** Releases of an app beside each other, one of which a link names, as deploys leave them. */
import {
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

export interface Releases {
  /** The link. */
  readonly current: string;
  /** The folder of a release. */
  folderOf(number: number): string;
  /** Makes a release and lets the link name it, at once as `ln -sfn` and `mv -T` do. */
  deploy(number: number): void;
  remove(number: number): void;
}

/** What each release has: an app, what it imports, a config and what that imports. */
function filesOf(number: number): Record<string, string> {
  return {
    "package.json": `{ "type": "module" }\n`,
    "app.ts": `import { lib } from "./lib/lib.ts";
const late = () => import("./lib/late.ts");
export default {
  async fetch() {
    const { late: number } = await late();
    return Response.json({ app: ${number}, lib, late: number, config: Number(process.env.RELEASE) });
  },
};
`,
    "lib/lib.ts": `export const lib = ${number};\n`,
    "lib/late.ts": `export const late = ${number};\n`,
    "corn.config.ts": `import { release } from "./settings/release.ts";
export default { app: "app.ts", env: { RELEASE: String(release) } };
`,
    "settings/release.ts": `export const release = ${number};\n`,
  };
}

/** Writes the files of a release. */
export function writeRelease(folder: string, number: number): void {
  for (const [name, text] of Object.entries(filesOf(number))) {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Lets a link name another target without a moment in which there is none. */
export function moveLink(link: string, target: string): void {
  symlinkSync(target, `${link}.new`);
  renameSync(`${link}.new`, link);
}

/** An app with its first release; `fill` adds to each. */
export function makeReleases(
  folder: string,
  fill: (release: string) => void = () => {},
): Releases {
  const current = join(folder, "current");
  const releases: Releases = {
    current,
    folderOf: (number) => join(folder, "releases", String(number)),
    deploy(number) {
      const release = releases.folderOf(number);
      writeRelease(release, number);
      fill(release);
      moveLink(current, release);
    },
    remove: (number) =>
      rmSync(releases.folderOf(number), { recursive: true, force: true }),
  };
  releases.deploy(1);
  return releases;
}
