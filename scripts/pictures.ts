/**
 * Makes the pictures of the docs, of a corn that runs: the dashboard, by
 * Chromium, and `corn top`, from what it writes to a terminal. Takes two
 * minutes; not part of any check.
 *
 * @module
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { startBrowser } from "../tests/support/client/browser.ts";
import { sleep, until } from "../tests/support/wait.ts";
import { terminalPicture } from "./terminal-picture.ts";
import { cleanEnvironment, root } from "./tools.ts";

const folder = mkdtempSync(join(tmpdir(), "corn-pictures-"));
const pictures = join(root, "docs/pictures");
const socket = join(folder, "corn.sock");
const PORT = 8000;
const SITE = `http://127.0.0.1:${PORT}`;

const APP = `const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const random = (ms) => -Math.log(1 - Math.random()) * ms;
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/reports/")) await sleep(6000);
    if (pathname === "/thumbnail") {
      const end = performance.now() + 30 + random(20);
      while (performance.now() < end);
    }
    if (pathname === "/crash") setTimeout(() => { throw new Error("no connection to db:5432"); });
    await sleep(random(8));
    const status = pathname === "/cart" && Math.random() < 0.02 ? 503 : 200;
    return new Response("ok", { status });
  },
};
`;

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
    stdio: ["ignore", "pipe", "ignore"],
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
  writeFileSync(join(folder, "shop.mjs"), APP);
  const started: ChildProcess[] = [];
  const run = (...args: string[]) => {
    const child = corn(...args);
    started.push(child);
    return child;
  };
  const browser = await startBrowser("pictures");
  try {
    run(
      ...["shop.mjs", "-w", "4", "-b", `127.0.0.1:${PORT}`],
      ...["--control", socket, "--slow-loop", "5"],
    );
    await until(
      "corn",
      () => fetch(SITE).then(() => true, () => false),
      30_000,
    );
    const asking = [
      ...Array.from(
        { length: 24 },
        (_, at) => ask(() => `/products/${at}`, wave),
      ),
      ask(() => "/cart", () => 60),
      ask(() => "/thumbnail", () => 300),
      ask(() => `/reports/${Math.ceil(Math.random() * 90)}`, () => 700),
      ask(() => `/reports/${Math.ceil(Math.random() * 90)}`, () => 2100),
    ];
    const output = await printed(
      run("-s", socket, "dashboard", "--no-open", "--json"),
      (text) => text.endsWith("\n"),
    );
    const { page } = browser;
    await page.size(1280, 1000);
    await page.scheme("light");
    await page.open(JSON.parse(output).url);
    await sleep(40_000);
    await fetch(`${SITE}/crash`).catch(() => {});
    await sleep(22_000);
    run("-s", socket, "reload");
    await page.until(
      "two generations",
      'document.querySelectorAll("#generations li").length > 1 && document.querySelectorAll("#generations .ready").length > 3',
    );
    writeFileSync(
      join(pictures, "dashboard-reload.webp"),
      await page.picture(),
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
      `stty cols 110 rows 12; exec '${process.execPath}' '${
        join(root, "mod.ts")
      }' -s '${socket}' top`,
      "/dev/null",
    ], {
      cwd: folder,
      env: { ...cleanEnvironment(), TERM: "xterm", NO_COLOR: "" },
    });
    started.push(terminal);
    const shown = await printed(
      terminal,
      (text) => text.split("\x1b[H").length > 6,
    );
    const frame = shown.split("\x1b[H").at(-2) as string;
    writeFileSync(
      join(pictures, "top.svg"),
      terminalPicture(frame, { title: "corn top", columns: 110 }),
    );
    over = true;
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
