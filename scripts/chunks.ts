/** Which modules share a file of the bundle, and what the files are called. */
import { posix } from "node:path";
import { loadedBy } from "./source.ts";

const RUNTIMES = ["node", "bun", "deno"] as const;

/** What a process does, by which its files are told apart. */
const ROLES = [
  "early",
  "arbiter",
  "control",
  "worker",
  "tasks",
  "shared",
] as const;

type Role = typeof ROLES[number];

/** A process as it starts: what it does and, where that makes a difference, on what. */
interface Start {
  readonly role: Role;
  readonly runtime?: typeof RUNTIMES[number];
  /** What it loads before it has done its work once; what these import is loaded with them. */
  readonly roots: readonly string[];
  /** A part that begins when another has loaded all that it needs. */
  readonly after?: Role;
}

/** An arbiter's on every runtime. */
const ARBITER = [
  "mod.ts",
  "src/arbiter/host/early-signals.ts",
  "src/cli/main.ts",
];

/** What answers at its doors: not in the way of the first worker. */
const CONTROL = [
  "src/arbiter/onlookers.ts",
  "src/control/admin/routes.ts",
  "src/control/door/server.ts",
  "src/control/routes.ts",
];

/** The starts of corn with its defaults, and the libraries: a reader of `import()` sees each root. */
const STARTS: readonly Start[] = [
  // Before the compile cache is on, which is compiled at each start, so it has to be small; or before Deno's permissions were looked at.
  {
    role: "early",
    roots: [
      "mod.ts",
      "adapters/deno/permissions.ts",
      "adapters/node/compile-cache.ts",
    ],
  },
  {
    role: "arbiter",
    runtime: "node",
    roots: [
      ...ARBITER,
      "adapters/node/compile-cache.ts",
      "adapters/node/runtime.ts",
    ],
  },
  {
    role: "arbiter",
    runtime: "bun",
    roots: [...ARBITER, "adapters/bun/ffi.ts", "adapters/bun/runtime.ts"],
  },
  {
    role: "arbiter",
    runtime: "deno",
    roots: [
      ...ARBITER,
      "adapters/deno/ffi.ts",
      "adapters/deno/permissions.ts",
      "adapters/deno/runtime.ts",
    ],
  },
  { role: "control", roots: CONTROL, after: "arbiter" },
  {
    role: "worker",
    runtime: "node",
    roots: [
      "worker.ts",
      "adapters/node/serving.ts",
      "adapters/node/transport.ts",
      "src/http/engine/engine.ts",
      "src/http/web/globals.ts",
      "src/http/web/light-globals.ts",
    ],
  },
  {
    role: "worker",
    runtime: "bun",
    roots: [
      "worker.ts",
      "adapters/bun/ffi.ts",
      "adapters/bun/serve.ts",
      "adapters/bun/serving.ts",
      "adapters/bun/turning-streams.ts",
    ],
  },
  {
    role: "worker",
    runtime: "deno",
    roots: [
      "worker.ts",
      "adapters/deno/ffi.ts",
      "adapters/deno/permissions.ts",
      "adapters/deno/serve.ts",
      "adapters/deno/serving.ts",
      "src/http/web/light-globals.ts",
    ],
  },
  { role: "tasks", roots: ["tasks.ts"] },
  { role: "shared", roots: ["shared.ts"] },
];

/**
 * For each module that is part of a start, the name of the file that it goes
 * into: one for all modules that the same starts load. What a module imports is
 * part of all its starts, so such files never import each other in a circle.
 */
export function groupModules(
  read: (path: string) => string,
  starts: readonly Start[] = STARTS,
): ReadonlyMap<string, string> {
  const startsOf = new Map<string, Start[]>();
  for (const start of starts) {
    for (const path of loadedBy(start.roots, read, { lazy: false })) {
      const others = startsOf.get(path) ?? [];
      if (others.some(({ role }) => role === start.after)) continue;
      startsOf.set(path, [...others, start]);
    }
  }
  // An entry is a file of its own: it is started by its name and says so of itself.
  return new Map(
    [...startsOf].filter(([path]) => path.includes("/"))
      .map(([path, starts]) => [path, prefixOf(path) + nameOf(starts)]),
  );
}

/**
 * What only one runtime can load is apart from what another loads when it needs
 * it; and adapters are apart from what is loaded at once, before it was seen
 * whether Deno permits what they do first.
 */
function prefixOf(path: string): string {
  if (!path.startsWith("adapters/")) return "";
  return RUNTIMES.some((name) => path.startsWith(`adapters/${name}/`))
    ? "adapters-"
    : "adapters-shared-";
}

/** `arbiter-worker`, `worker-bun-deno`, `arbiter-and-worker-node`. */
function nameOf(starts: readonly Start[]): string {
  const byRuntimes = new Map<string, Role[]>();
  for (const role of ROLES) {
    const own = starts.filter((start) => start.role === role);
    if (own.length === 0) continue;
    const runtimes = RUNTIMES.filter((runtime) =>
      own.some((start) => start.runtime === runtime)
    );
    const words = runtimes.length === RUNTIMES.length ? [] : runtimes;
    const key = words.map((word) => `-${word}`).join("");
    byRuntimes.set(key, [...byRuntimes.get(key) ?? [], role]);
  }
  const name = [...byRuntimes]
    .map(([runtimes, roles]) => roles.join("-") + runtimes)
    .join("-and-");
  const isEntry = starts.some(({ roots }) => roots.includes(`${name}.ts`));
  return isEntry ? `${name}-rest` : name;
}

/** The name of a file that is part of no start: its only module's, else the room with most of its modules. */
export function nameLazy(modules: readonly string[]): string {
  if (modules.length === 1) return wordsOf(modules[0]!.replace(/\.ts$/, ""));
  const room = largest(modules, posix.dirname);
  if (room.share > 0.5) return wordsOf(room.name);
  return wordsOf(
    largest(modules, (path) => /^(?:[^/]+\/)?[^/]+/.exec(path)![0]).name,
  );
}

/** The group with most of the paths, and which part of them it has. */
function largest(
  paths: readonly string[],
  groupOf: (path: string) => string,
): { readonly name: string; readonly share: number } {
  const groups = Object.entries(Object.groupBy(paths, groupOf));
  const [name, members = []] = groups.toSorted(([, one = []], [, other = []]) =>
    other.length - one.length
  )[0]!;
  return { name, share: members.length / paths.length };
}

/** `src/cli/main` → `cli-main`, `adapters/libc` → `adapters-libc`. */
function wordsOf(path: string): string {
  return path.replace(/^src\//, "").replaceAll("/", "-");
}

/** A file that only passes on what another exports, by the same names. */
const DETOUR =
  /^(?:\/\/[^\n]*\n)*export \{ [\w$, ]+ \} from "\.\/([^"]+)";\s*(?:\/\/[^\n]*\s*)*$/;

/** ` as ` gives another name. */
const RENAMED = / as /;

/**
 * Makes the files' lazy imports direct, where one leads to a file that only
 * passes on what another has, and leaves such files out unless one of `kept`.
 * What an `import()` names stays a literal: Deno would want --allow-read.
 */
export function linkLazily(
  files: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const detours = new Map<string, string>();
  for (const [name, text] of files) {
    const target = RENAMED.test(text) ? undefined : DETOUR.exec(text)?.[1];
    if (target !== undefined && !kept.has(name)) detours.set(name, target);
  }
  return new Map(
    [...files].filter(([name]) => !detours.has(name)).map(([name, text]) => [
      name,
      text.replace(
        /\bimport\("\.\/([^"]+)"\)/g,
        (_, to) => `import("./${detours.get(to) ?? to}")`,
      ),
    ]),
  );
}
