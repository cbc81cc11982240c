/** Where the syntax error of an ES module is, which Node tells of errors alone that nothing caught (24.21, NODE-SYNTAX-PLACE). */
import process from "node:process";

/** What a command line holds of names. */
const MOST = 1000;

/** How long it may take, beside a boot that has failed. */
const LONGEST_MS = 5000;

/** Parses each file as a module until one cannot be. */
const PROGRAM = `
const { readFileSync } = require("node:fs");
const { stripTypeScriptTypes } = require("node:module");
const { SourceTextModule } = require("node:vm");
const [wanted, ...paths] = process.argv.slice(1);
for (const path of paths) {
  try {
    const text = readFileSync(path, "utf8");
    const source = /ts$/.test(path) ? stripTypeScriptTypes(text) : text;
    new SourceTextModule(source, { identifier: path });
  } catch (error) {
    if (error.message === wanted) throw error;
  }
}
`;

/** See `ServingRuntime.locateSyntaxError`. */
export function locateSyntaxError(
  paths: readonly string[],
  message: string,
): Promise<string | undefined> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = [
    ...["--no-warnings", "--experimental-vm-modules", "-e", PROGRAM, "--"],
    ...[message, ...paths.slice(0, MOST)],
  ];
  const { execFile } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      args,
      { env, timeout: LONGEST_MS },
      (_error, _stdout, stderr) => {
        const [frame = "", rest] = stderr.split(/\n\n(?=SyntaxError)/);
        resolve(rest === undefined ? undefined : frame.trimEnd());
      },
    )
  );
}
