/** Settings that are flags of the workers' runtime. Node refuses a missing file of variables by itself, as a flag of corn's too (24.21, NODE-ENV-FILE-ANYWHERE). */
import type { Settings } from "../../config/table/types.ts";
import type { RuntimeName } from "../../runtime/runtime.ts";

type Flagged = Pick<Settings, "import" | "require" | "conditions" | "envFile">;

/** What each runtime calls them; the flag for variables is the same, and the last file counts on all. */
const FLAGS: Readonly<
  Record<RuntimeName, { readonly import: string; readonly require: string }>
> = {
  node: { import: "--import", require: "--require" },
  bun: { import: "--preload", require: "--preload" },
  // What it requires comes after what it preloads, as corn's own module may be.
  deno: { import: "--preload", require: "--preload" },
};

/** The arguments for them; what is required comes first, as on Node. */
export function runtimeFlags(
  { import: imports, require: requires, conditions, envFile }: Flagged,
  runtime: RuntimeName,
): string[] {
  const flags = FLAGS[runtime];
  return [
    ...envFile.map((path) => `--env-file=${path}`),
    ...conditions.map((name) => `--conditions=${name}`),
    ...requires.map((name) => `${flags.require}=${name}`),
    ...imports.map((name) => `${flags.import}=${name}`),
  ];
}
