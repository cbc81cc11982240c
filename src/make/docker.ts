/** An image of the app. */
import { containerStart, HOME, imageOf } from "./container.ts";
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import { stopSeconds } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { ownTlsFolders, tlsMounts } from "./tls-files.ts";
import { containerFolders } from "./written.ts";

export function makeDocker(subject: Subject): MadeFile[] {
  const { name, config, workers, variables } = subject;
  const { base, user } = imageOf(subject);
  const kind = "docker";
  const { command, ports } = containerStart(subject, { kind });
  const options = [
    ...ports.map(({ port }) => `-p ${port}:${port}`),
    ...tlsMounts(subject, kind).map((mount) => `-v ${mount}`),
  ];
  const folders = containerFolders(subject, kind).map(({ folder }) =>
    shellWord(folder)
  );
  const text = lines(
    `# docker build -t ${name} . && docker run --init --stop-timeout ${
      stopSeconds(config)
    } ${options.join(" ")} ${name}`,
    `FROM ${base}`,
    `WORKDIR ${HOME}`,
    install(subject),
    "COPY . .",
    // Deno's image makes its folder of modules for root.
    workers === "deno" ? "RUN chown -R deno /deno-dir" : undefined,
    folders.length > 0
      ? `RUN mkdir -p ${folders.join(" ")} && chown ${user} ${
        folders.join(" ")
      }`
      : undefined,
    `USER ${user}`,
    workers === "deno" ? undefined : "ENV NODE_ENV=production",
    Object.entries(variables).map(([name, value]) =>
      `ENV ${name}=${JSON.stringify(value).replaceAll("$", "\\$")}`
    ),
    `EXPOSE ${ports.map(({ port }) => port).join(" ")}`,
    "# The exec form: TERM comes to corn, not to npm or a shell, which pass none on.",
    "# With --init, or init: true, something reaps what the app leaves behind.",
    `CMD ${exec(command)}`,
  );
  return [
    { name: "Dockerfile", text },
    {
      name: ".dockerignore",
      text: lines(...IGNORED, ownTlsFolders(subject, kind)),
    },
  ];
}

/** What an image needs none of, or must not have. */
const IGNORED = [
  "node_modules",
  ".git",
  ".env",
  ".env.*",
  "*.log",
  "*.pid",
  "*.sock",
  "Dockerfile",
  ".dockerignore",
  "compose.yaml",
];

function install({ workers, has }: Subject): string[] {
  const locks = (["package-lock.json", "bun.lock", "deno.lock"] as const)
    .filter(has);
  const copied = (names: readonly string[]) => `COPY ${names.join(" ")} ./`;
  if (workers === "bun") {
    return locks.includes("bun.lock")
      ? [
        copied(["package.json", "bun.lock"]),
        "RUN bun install --production --frozen-lockfile",
      ]
      : [copied(["package.json"]), "RUN bun install --production"];
  }
  if (workers === "deno") {
    const names = ["deno.json", "deno.lock", "package.json"].filter(has);
    return [
      copied(names.length > 0 ? names : ["package.json"]),
      `RUN deno install --node-modules-dir=auto${
        locks.includes("deno.lock") ? " --frozen" : ""
      }`,
    ];
  }
  return locks.includes("package-lock.json")
    ? [
      copied(["package.json", "package-lock.json"]),
      "RUN npm ci --omit=dev",
    ]
    : [copied(["package.json"]), "RUN npm install --omit=dev"];
}

/** The exec form is JSON. */
function exec(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

/** As sh(1) reads it. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
