import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { formatEvent, formatTime } from "../../src/log/format.ts";
import type { LogEvent } from "../../src/log/event.ts";
import type { FormatName } from "../../src/log/format.ts";
import { anySeed, randomFrom } from "../support/random.ts";

const format = suite("formatEvent");

const NOW = new Date(Date.UTC(2026, 10, 21, 4, 5, 6, 7));

function line(name: FormatName, event: Partial<LogEvent> = {}): string {
  const whole = { time: NOW, level: "info", pid: 7, text: "Hi", ...event };
  return formatEvent(whole as LogEvent, { format: name, color: false });
}

/** Reads a line of logfmt as strictly as its readers do. */
function parseLogfmt(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const field = /([a-z]+)=(?:("(?:[^"\\]|\\.)*")|([^\s"=]+))(?: |$)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const [, name = "", quoted, bare] = field.exec(text) ?? [];
    assert.ok(name, `no field at ${at} of ${JSON.stringify(text)}`);
    assert.not.ok(name in fields, `${name} stands there twice`);
    fields[name] = quoted === undefined ? bare as string : JSON.parse(quoted);
  }
  return fields;
}

format("formatTime() writes UTC to the millisecond", () => {
  assert.is(formatTime(NOW), "2026-11-21 04:05:06.007 +0000");
});

format("json has time, level, pid and message, and the rest as stack", () => {
  assert.is(
    line("json"),
    '{"time":"2026-11-21T04:05:06.007Z","level":"info","pid":7,"message":"Hi"}\n',
  );
  const text = "Oh\n  at app.ts:1\n  at app.ts:2\n";
  assert.equal(JSON.parse(line("json", { text, level: "error" })), {
    time: "2026-11-21T04:05:06.007Z",
    level: "error",
    pid: 7,
    message: "Oh",
    stack: "  at app.ts:1\n  at app.ts:2",
  });
  assert.is(JSON.parse(line("json", { stream: "stdout" })).stream, "stdout");
});

format("logfmt quotes what needs it", () => {
  assert.is(
    line("logfmt"),
    "time=2026-11-21T04:05:06.007Z level=info pid=7 message=Hi\n",
  );
  assert.match(line("logfmt", { text: 'a "b"' }), ' message="a \\"b\\""\n');
  assert.match(line("logfmt", { text: "a=b" }), ' message="a=b"\n');
  assert.match(line("logfmt", { text: "" }), ' message=""\n');
  assert.match(line("logfmt", { text: "a\n b" }), ' message=a stack=" b"\n');
});

/** What texts are made of that want to be more than one event. */
const PIECES = [
  ..."\n\r\t\v\f\b\0\x1b\x7f\u0085\u009b\u2028\u2029\u202e\u2066\ufeff",
  ..."\"\\={}[],: '`ab1é世",
  "\ud83d",
  "\udf3d",
  "\u{1F33D}",
  "\r\n",
  "\\n",
  '","level":"critical',
  " level=critical ",
  "[2026-11-21 04:05:06.007 +0000] [100] [INFO] fake",
  "\x1b[31m",
];

/** Where a reader may see the end of a line. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

format("any text is exactly one event, which reads back", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  for (let count = 0; count < 5000; count++) {
    let text = "";
    for (let left = Math.floor(random() * 12); left > 0; left--) {
      text += random() < 0.8
        ? PIECES[Math.floor(random() * PIECES.length)]
        : String.fromCharCode(Math.floor(random() * 0x10000));
    }
    const about = `seed ${seed}: ${JSON.stringify(text)}`;
    // Colours are left out, and white space at the end.
    // deno-lint-ignore no-control-regex
    const kept = text.replace(/\x1b\[[0-9;]*m/g, "").trimEnd();
    for (const name of ["json", "logfmt"] as const) {
      const written = line(name, { text });
      const [event = "", ...rest] = written.split(LINE_END);
      assert.equal(rest, [""], about);
      const fields = name === "json" ? JSON.parse(event) : parseLogfmt(event);
      const { message, stack, ...others } = fields;
      const whole = stack === undefined ? message : `${message}\n${stack}`;
      assert.is(whole, kept, about);
      assert.equal({ ...others, pid: Number(others.pid) }, {
        time: NOW.toISOString(),
        level: "info",
        pid: 7,
      }, about);
    }
    const [first = "", ...further] = line("text", { text }).split(LINE_END);
    assert.ok(
      first.startsWith("[2026-11-21 04:05:06.007 +0000] [7] [INFO] "),
      about,
    );
    assert.is(further.pop(), "", about);
    assert.ok(further.every((one) => one.startsWith("  ")), about);
  }
});

format.run();
