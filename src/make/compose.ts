/** A service of Docker Compose, beside the Dockerfile. */
import { containerStart } from "./container.ts";
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import { startSeconds, stopReasons, stopSeconds } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { tlsMounts } from "./tls-files.ts";
import { openAdmin } from "./upstream.ts";
import { containerFolders } from "./written.ts";
import { indented, yamlText } from "./yaml.ts";

export function makeCompose(subject: Subject): MadeFile[] {
  const { name, config, workers, variables } = subject;
  const admin = openAdmin(subject);
  const kind = "compose";
  const { command, ports } = containerStart(subject, {
    kind,
    more: admin.flags,
  });
  const environment = Object.entries(variables).map(([name, value]) =>
    `${name}: ${JSON.stringify(value).replaceAll("$", "$$$$")}`
  );
  const mounts = tlsMounts(subject, kind);
  const folders = containerFolders(subject, kind);
  const logs = folders.filter(({ logs }) => logs).map(({ folder }) => folder);
  const text = lines(
    "# docker compose up --build --wait; corn make docker writes the Dockerfile.",
    "services:",
    `  ${name}:`,
    "    build: .",
    `    image: ${name}`,
    "    command:",
    indented(
      6,
      command.map((word) => `- ${yamlText(word.replaceAll("$", "$$$$"))}`),
    ),
    environment.length > 0
      ? ["    environment:", ...indented(6, environment)]
      : undefined,
    "    # Reaps what the app leaves behind, and passes TERM on.",
    "    init: true",
    "    restart: unless-stopped",
    `    # ${stopReasons(config)}.`,
    `    stop_grace_period: ${stopSeconds(config)}s`,
    "    ports:",
    ports.map(({ port }) => `      - "${port}:${port}"`),
    "    # For Prometheus in the same network; not for the world.",
    "    expose:",
    `      - "${admin.port}"`,
    "    healthcheck:",
    `      test: ${JSON.stringify(["CMD", ...probe(workers, admin.port)])}`,
    "      interval: 10s",
    "      timeout: 3s",
    "      retries: 3",
    `      start_period: ${startSeconds(config)}s`,
    mounts.length + logs.length > 0 ? "    volumes:" : undefined,
    mounts.length > 0
      ? [
        "      # Read anew when they change; the image's user must be allowed to read them.",
        ...mounts.map((mount) => `      - ${yamlText(mount)}`),
      ]
      : undefined,
    logs.length > 0
      ? [
        "      # For what is written; standard error needs none, and docker compose logs shows it.",
        ...logs.map((folder) => `      - ${yamlText(folder)}`),
      ]
      : undefined,
    "    read_only: true",
    "    tmpfs:",
    "      - /tmp",
    folders.filter(({ logs }) => !logs).map(({ folder }) =>
      `      - ${yamlText(folder)}`
    ),
    "    security_opt:",
    "      - no-new-privileges:true",
    "    cap_drop:",
    "      - ALL",
  );
  return [{ name: "compose.yaml", text }];
}

/** Asks whether requests are wanted, by what every such image has: its runtime. */
function probe(runtime: string, port: number): string[] {
  const asked = `fetch("http://127.0.0.1:${port}/ready")`;
  if (runtime === "deno") {
    return ["deno", "eval", `Deno.exit((await ${asked}).ok ? 0 : 1)`];
  }
  return [runtime, "-e", `${asked}.then((r) => process.exit(r.ok ? 0 : 1))`];
}
