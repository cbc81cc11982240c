/** `corn top`: the status of a running corn, again each second. */
import { jsonText } from "../../base/json-text.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";
import type { Status } from "../snapshot.ts";
import { frame } from "./frame.ts";
import { showStatus } from "./show.ts";

const EACH_MS = 1000;

// The alternate screen, so that what was there before comes back, and no cursor.
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const TO_LINE_END = "\x1b[K";
const TO_END = "\x1b[J";

/** `q`, Ctrl-C and Ctrl-D. */
const QUIT: readonly string[] = ["q", "Q", "\x03", "\x04"];

export interface TopOptions {
  /** True for a line of JSON each second. */
  readonly json: boolean;
  look(): Promise<Status>;
}

/** Shows it until a key or a signal ends it; where standard output is no terminal, once. @throws what `look` throws */
export async function top(
  runtime: Pick<Runtime, "clock" | "self" | "signals" | "screen">,
  { json, look }: TopOptions,
): Promise<void> {
  const { clock, self, signals } = runtime;
  const { stdout } = self;
  // A dumb terminal shows what moves the cursor as characters, see terminfo(5).
  const canDraw = stdout.terminal && self.env().TERM !== "dumb";
  if (!json && !canDraw) {
    const status = await look();
    stdout.write(`${showStatus(status, clock.date().getTime())}\n`);
    return;
  }
  const ending = Promise.withResolvers<undefined>();
  let over = false;
  let wake = () => {};
  let draw = () => {};
  const quit = () => {
    over = true;
    ending.resolve(undefined);
    wake();
  };
  const closing: Closeable[] = [
    signals.on("SIGINT", quit),
    signals.on("SIGTERM", quit),
    signals.on("SIGHUP", quit),
  ];
  const screen = json ? undefined : await runtime.screen();
  if (screen !== undefined) {
    closing.push(
      screen.onKey((key) => {
        if (QUIT.some((one) => key.includes(one))) quit();
      }),
      // Of a window that is dragged there are many: corn is not asked for each.
      signals.on("SIGWINCH", () => draw()),
    );
    stdout.write(ENTER);
  }
  try {
    while (!over) {
      // A corn that stands still answers late, or never.
      const status = await Promise.race([look(), ending.promise]);
      if (status === undefined) break;
      if (screen === undefined) {
        stdout.write(`${jsonText(status)}\n`);
      } else {
        const colour = (self.env().NO_COLOR ?? "") === "";
        const now = clock.date().getTime();
        draw = () => {
          const lines = frame(status, { ...screen.size(), colour, now });
          const text = lines.map((line) => line + TO_LINE_END).join("\r\n");
          stdout.write(HOME + text + TO_END);
        };
        draw();
      }
      if (stdout.gone) break;
      await new Promise<void>((resolve) => {
        const timer = clock.after(EACH_MS, resolve);
        wake = () => {
          timer.close();
          resolve();
        };
      });
    }
  } finally {
    if (screen !== undefined) stdout.write(LEAVE);
    for (const one of closing) one.close();
  }
}
