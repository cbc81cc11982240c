/**
 * Makes the pictures of the docs, of a corn that runs: the dashboard, by
 * Chromium, and `corn top`, from what it writes to a terminal. Takes two
 * minutes; not part of any check.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { makeAuthority } from "../tests/support/certificates.ts";
import { startBrowser } from "../tests/support/client/browser.ts";
import { sleep, until } from "../tests/support/wait.ts";
import { terminalPicture } from "./terminal-picture.ts";
import { cleanEnvironment, root } from "./tools.ts";

const folder = mkdtempSync(join(tmpdir(), "corn-pictures-"));
const pictures = join(root, "docs/pictures");
const socket = join(folder, "corn.sock");
const PORT = 8000;
const TLS = 8443;
const SITE = `http://127.0.0.1:${PORT}`;

/** It has WebSockets, and a pool of tasks. */
const APP = `import { tasks } from "corn/tasks";
import { WebSocketServer } from "ws";
const sockets = new WebSocketServer({ noServer: true });
const thumbnails = tasks("thumbnails");
export const upgrade = (incoming, socket, head) => sockets.handleUpgrade(incoming, socket, head, () => {});
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const random = (ms) => -Math.log(1 - Math.random()) * ms;
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/reports/")) await sleep(6000);
    if (pathname === "/thumbnail") await thumbnails.draw(30 + random(20));
    if (pathname === "/export") {
      const end = performance.now() + 2500;
      while (performance.now() < end);
    }
    if (pathname === "/crash") setTimeout(() => { throw new Error("no connection to db:5432"); });
    await sleep(random(8));
    const status = pathname === "/cart" && Math.random() < 0.02 ? 503 : 200;
    return new Response("ok", { status });
  },
};
`;

const TASKS = `export function draw(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
`;

const CONFIG = `export default {
  tasks: { thumbnails: { module: "thumbnails.mjs", workers: 2 } },
};
`;

/** Lays the project out. */
function writeProject(): void {
  const certificate = makeAuthority().issue({
    ...{ name: "shop.example", names: ["DNS:shop.example"], days: 75 },
  });
  const files: Readonly<Record<string, string>> = {
    "shop.mjs": APP,
    "thumbnails.mjs": TASKS,
    "corn.config.mjs": CONFIG,
    "cert.pem": certificate.cert,
    "key.pem": certificate.key,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "corn"), { recursive: true });
  symlinkSync(join(root, "node_modules/ws"), join(modules, "ws"));
  writeFileSync(
    join(modules, "corn/package.json"),
    JSON.stringify({ type: "module", exports: { "./tasks": "./tasks.mjs" } }),
  );
  writeFileSync(
    join(modules, "corn/tasks.mjs"),
    `export * from ${JSON.stringify(join(root, "tasks.ts"))};\n`,
  );
}

/** Of the terminal. */
const COLUMNS = 128;

let over = false;

/** Asks for a path again and again, with pauses that become shorter and longer. */
async function ask(path: () => string, pauseMs: () => number): Promise<void> {
  while (!over) {
    await fetch(SITE + path()).then((answer) => answer.text()).catch(() => {});
    await sleep(pauseMs());
  }
}

function wave(): number {
  return 12 + 30 * (1 + Math.sin(performance.now() / 11_000));
}

function corn(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(root, "mod.ts"), ...args], {
    cwd: folder,
    env: { ...cleanEnvironment(), TERM: "xterm", NO_COLOR: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** What it prints until that is enough. */
async function printed(
  child: ChildProcess,
  enough: (text: string) => boolean,
): Promise<string> {
  let text = "";
  child.stdout?.on("data", (bytes) => text += String(bytes));
  await until("the output", () => enough(text), 30_000);
  return text;
}

async function main(): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  writeProject();
  const started: ChildProcess[] = [];
  const run = (...args: string[]) => {
    const child = corn(...args);
    started.push(child);
    return child;
  };
  const browser = await startBrowser("pictures");
  try {
    run(
      ...["shop.mjs", "-w", "4", "--threads", "2", "--control", socket],
      ...["-b", `http://127.0.0.1:${PORT}`, "-b", `https://127.0.0.1:${TLS}`],
      ...["--certfile", "cert.pem", "--keyfile", "key.pem"],
    );
    await until(
      "corn",
      () => fetch(SITE).then(() => true, () => false),
      120_000,
    );
    const asking = [
      ...Array.from(
        { length: 24 },
        (_, at) => ask(() => `/products/${at}`, wave),
      ),
      ask(() => "/cart", () => 60),
      ask(() => "/thumbnail", () => 90),
      ask(() => `/reports/${Math.ceil(Math.random() * 90)}`, () => 700),
      ask(() => `/reports/${Math.ceil(Math.random() * 90)}`, () => 2100),
    ];
    const sockets = Array.from(
      { length: 23 },
      () => new WebSocket(`${SITE.replace("http", "ws")}/live`),
    );
    const output = await printed(
      run("-s", socket, "dashboard", "--no-open", "--json"),
      (text) => text.endsWith("\n"),
    );
    const { page } = browser;
    await page.size(1280, 1160);
    await page.scheme("light");
    await page.open(JSON.parse(output).url);
    await sleep(40_000);
    await fetch(`${SITE}/crash`).catch(() => {});
    await sleep(22_000);
    run("-s", socket, "reload");
    await until("two generations", () =>
      page.value(
        'document.querySelectorAll("#generations li").length > 1 && document.querySelectorAll("#generations .ready").length > 3',
      ), 120_000);
    writeFileSync(
      join(pictures, "dashboard-reload.webp"),
      await page.picture(),
    );
    await until(
      "the new generation",
      () =>
        page.value(
          'document.getElementById("state").textContent === "serving"',
        ),
      180_000,
    );
    await sleep(14_000);
    writeFileSync(join(pictures, "dashboard-light.webp"), await page.picture());
    await page.scheme("dark");
    await sleep(1500);
    writeFileSync(join(pictures, "dashboard-dark.webp"), await page.picture());
    await page.scheme("light");
    await page.size(400, 860);
    await sleep(1500);
    writeFileSync(join(pictures, "dashboard-small.webp"), await page.picture());

    const terminal = spawn("script", [
      "--quiet",
      "--command",
      `stty cols ${COLUMNS} rows 18; exec '${process.execPath}' '${
        join(root, "mod.ts")
      }' -s '${socket}' top`,
      "/dev/null",
    ], {
      cwd: folder,
      env: { ...cleanEnvironment(), TERM: "xterm", NO_COLOR: "" },
    });
    started.push(terminal);
    await sleep(2500);
    void fetch(`${SITE}/export`).catch(() => {});
    const shown = await printed(
      terminal,
      (text) => text.split("\x1b[H").length > 6,
    );
    const frame = shown.split("\x1b[H").at(-2) as string;
    writeFileSync(
      join(pictures, "top.svg"),
      terminalPicture(frame, { title: "corn top", columns: COLUMNS }),
    );
    over = true;
    for (const one of sockets) one.close();
    await Promise.all(asking);
  } finally {
    over = true;
    await browser.close();
    for (const child of started.reverse()) child.kill("SIGTERM");
    await sleep(8000);
    rmSync(folder, { recursive: true });
  }
}

await main();
