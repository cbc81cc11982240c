// runtimes: node24
import * as assert from "../support/assert.ts";
import { CHROMIUM, startBrowser } from "../support/client/browser.ts";
import type { Page } from "../support/client/browser.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { promote, upgrade } from "../support/process/heir.ts";
import type {
  Command,
  Server,
  ServerOptions,
} from "../support/process/server.ts";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const dashboard = promises("the dashboard's page");

const ROWS = 'document.querySelectorAll("#rows tr").length';
const LINK = 'document.getElementById("link").textContent';
const ABOUT = 'document.getElementById("about").textContent';

/** How many pixels of a canvas have about the color that a variable of the page has. */
const PAINTED = (at: number, name: string) =>
  `(() => {
  const canvas = document.querySelectorAll("canvas")[${at}];
  const style = getComputedStyle(document.documentElement);
  const [, ...hex] = /#(..)(..)(..)/.exec(style.getPropertyValue("--${name}"));
  const color = hex.map((part) => parseInt(part, 16));
  // Chromium warns of reading a canvas that is drawn for the screen.
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height)
    .getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 200 &&
      color.every((part, i) => Math.abs(data[at + i] - part) < 8)) count++;
  }
  return count;
})()`;

/** Runs `show` with a page of Chromium's, where it is there. */
async function withBrowser(
  lab: Lab,
  show: (page: Page) => Promise<void>,
): Promise<void> {
  if (CHROMIUM === undefined) return lab.skip("Chromium is not installed");
  const browser = await startBrowser(lab.mark).catch((error) =>
    lab.skip(`Chromium does not run here: ${error.message}`)
  );
  if (browser === undefined) return;
  try {
    await show(browser.page);
  } finally {
    await browser.close();
  }
}

/** Starts corn, and the command that shows it. */
async function startShown(
  lab: Lab,
  options: Pick<ServerOptions, "app" | "args">,
): Promise<{ server: Server; command: Command; url: string }> {
  // Where the control sockets are found by the pids of the arbiters.
  const env = { XDG_RUNTIME_DIR: lab.folder, RUNTIME_DIRECTORY: undefined };
  const server = await lab.start({ ...options, env, deadlineMs: 60_000 });
  const command = lab.run({
    args: ["--pid", String(server.pid), "dashboard", "--no-open", "--json"],
    defaults: false,
    env,
  });
  const { url } = await until("the address", () => {
    assert.is(command.ending(), undefined);
    return command.output().endsWith("\n") && JSON.parse(command.output());
  });
  return { server, command, url };
}

dashboard(
  "Chromium draws it, and it follows an upgrade",
  (lab) => withBrowser(lab, (page) => showsAndFollows(page, lab)),
);

dashboard(
  "it shows WebSockets, threads and pools of tasks, where there are any",
  (lab) =>
    withBrowser(lab, async (page) => {
      const config = lab.write(
        "corn.config.json",
        JSON.stringify({
          tasks: { pdf: { module: fixture("tasks/work.ts") } },
        }),
      );
      const { server, command, url } = await startShown(lab, {
        app: fixture("sockets.ts"),
        args: ["-w", "1", "--threads", "2", "-c", config],
      });
      await page.open(url);
      const text = (selector: string) =>
        `[...document.querySelectorAll("${selector}")].map((one) => one.textContent).join(" ")`;
      await page.until("the pool", `${text("#pools th")} === "pdf"`);
      await page.until(
        "its process",
        `/^1 \\/ 1 0 0 \\d+$/.test(${text("#pools td")})`,
      );
      const tiles = text("#tiles dt");
      const column =
        'getComputedStyle(document.querySelector("td.sockets")).display';
      await page.until("a row", `${ROWS} === 1`);
      await page.until("its threads", `${text("td.threads")} === "2"`);
      assert.is(await page.value(column), "none");
      assert.not.match(await page.value<string>(tiles), /WebSockets/);
      const client = await SocketClient.open(`${server.url}/ws`);
      await page.until(
        "the WebSocket",
        `${column} !== "none" && ${
          text("td.sockets")
        } === "1" && /WebSockets/.test(${tiles})`,
      );
      client.socket.close();
      await page.until("none", `${column} === "none"`);
      assert.not.match(await page.value<string>(tiles), /WebSockets/);
      assert.equal(page.complaints, []);
      command.signal("SIGTERM");
      assert.is((await command.ended).code, 0);
    }),
);

async function showsAndFollows(page: Page, lab: Lab): Promise<void> {
  const { server, command, url } = await startShown(lab, {
    app: fixture("app.ts"),
    args: ["-w", "2"],
  });
  await page.size(1280, 900);
  await page.scheme("light");
  await page.open(url);
  await page.until("a row for each worker", `${ROWS} === 2`);
  await page.until(
    "the log",
    'document.querySelectorAll("#log p time").length > 1',
  );
  const [first] = page.responses;
  assert.match(
    first?.headers["content-security-policy"],
    /^default-src 'none'; script-src 'self'; style-src 'self';(?!.*unsafe)/,
  );

  const slow = await lab.connect(server.url);
  slow.write("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n");
  await page.until(
    "the open request",
    'document.getElementById("requests").textContent.includes("POST /echo")',
  );
  slow.write("ok");
  await slow.take(12);
  slow.close();
  assert.is(
    await page.value('document.querySelectorAll("canvas").length'),
    6,
  );
  // The second point makes a line of the first one.
  await page.until("a line in a chart", `${PAINTED(0, "one")} > 20`);
  const light = await page.value<string>(
    "getComputedStyle(document.body).backgroundColor",
  );
  await page.until("what workers tell", `${PAINTED(5, "three")} > 20`);
  await page.scheme("dark");
  await page.until("a line in the dark", `${PAINTED(0, "one")} > 20`);
  assert.is.not(
    await page.value("getComputedStyle(document.body).backgroundColor"),
    light,
  );

  await page.press("Tab");
  const focused = "document.activeElement";
  await page.until("the first link", `${focused}.className === "skip"`);
  await page.press("2");
  const pressed = "document.querySelector('#rows [aria-pressed=true]')";
  await page.until("a worker is chosen", `${pressed}?.textContent === "2"`);
  await page.press("Escape");
  await page.until("none is", `${pressed} === null`);
  await page.press("/");
  await page.until("the filter", `${focused}.id === "filter"`);
  for (const key of "zzz") await page.press(key);
  await page.until(
    "the log is filtered",
    'document.querySelectorAll("#log p time").length === 0',
  );
  await page.press("Escape");

  const heir = await upgrade(server, server.pid);
  await promote(server, server.pid);
  await page.until("the new arbiter", `${ABOUT}.includes("pid ${heir.pid}")`);
  await page.until(
    "its workers",
    `${ROWS} === 2 && ${LINK} === "live"`,
  );
  assert.equal(page.complaints, []);

  // The policy holds: what is written into the page does not run.
  await page.value(`(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
  })()`);
  assert.is(await page.value("window.ran"), undefined);
  await until(
    "the violation",
    () => page.complaints.some((text) => /Content Security Policy/.test(text)),
  );
  await heir.stop();
  command.signal("SIGTERM");
  assert.is((await command.ended).code, 0);
}

dashboard.run();
