/** The runtimes that tests run on, and the proof that each is the one meant. */
import { dirname, join } from "node:path";
import { bin, cleanEnvironment, root, run } from "./tools.ts";

/** One runtime to test on. */
export interface TestRuntime {
  readonly name: string;
  /** The program and its arguments before the test file. */
  readonly command: readonly [string, ...string[]];
  /** The arguments before a line of code to evaluate. */
  readonly evaluate: readonly string[];
  /** What the proof must begin with. */
  readonly wanted: string;
  readonly env: NodeJS.ProcessEnv;
}

/** All of them, in the order they are run in. */
export const runtimes: readonly TestRuntime[] = [
  node("node24", join(root, "node_modules", "node", "bin", "node"), "node 24."),
  node(
    "node26",
    join(root, "node_modules", "node26", "bin", "node"),
    "node 26.",
  ),
  other("bun", [bin("bun")], ["-e"], "bun 1."),
  other(
    "deno",
    [bin("deno"), "run", "-A", "--unstable-net", "--node-modules-dir=manual"],
    ["eval"],
    "deno 2.",
  ),
];

function node(name: string, program: string, wanted: string): TestRuntime {
  // By folder, so that children started as "node" are the same Node.
  const env = environment(dirname(program));
  return { name, command: [program], evaluate: ["-e"], wanted, env };
}

function other(
  name: string,
  command: readonly [string, ...string[]],
  evaluate: readonly string[],
  wanted: string,
): TestRuntime {
  const env = environment(join(root, "node_modules", "node", "bin"));
  return { name, command, evaluate, wanted, env };
}

/** Node takes the types out of a file once: without a cache that is half a second of each start. */
function environment(folder: string): NodeJS.ProcessEnv {
  const cache = join(root, "node_modules", ".cache", "compile");
  return { ...cleanEnvironment(folder), NODE_COMPILE_CACHE: cache };
}

const TELL =
  `const v = process.versions; console.log(v.bun ? "bun " + v.bun : v.deno ? "deno " + v.deno : "node " + v.node)`;

/** Asks a runtime for its name and version. @throws when it is not the one meant. */
export async function prove(runtime: TestRuntime): Promise<string> {
  const program = runtime.wanted.startsWith("node")
    ? "node"
    : runtime.command[0];
  const { output } = await run(program, {
    args: [...runtime.evaluate, TELL],
    env: runtime.env,
    deadlineMs: 20_000,
  });
  if (!output.startsWith(runtime.wanted)) {
    throw new Error(
      `Cannot test on "${runtime.name}": wanted ${runtime.wanted}x, found ${
        output.trim() || "nothing"
      }`,
    );
  }
  return output.trim();
}
