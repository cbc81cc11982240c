import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { LogEvent } from "../../../src/log/event.ts";
import { LEVELS } from "../../../src/log/event.ts";
import {
  appNameOf,
  countOctets,
  FACILITIES,
  type Facility,
  formatSyslog,
} from "../../../src/log/syslog/syslog.ts";
import type { SyslogHeader } from "../../../src/log/syslog/syslog.ts";
import { SyslogLog } from "../../../src/log/syslog/syslog-log.ts";
import type { FakeOutlet } from "../../support/fake/runtime.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

const syslog = suite("syslog");

const time = new Date("2026-11-21T04:00:00.120Z");
const base: LogEvent = { time, level: "info", pid: 42, text: "hello" };
const header: SyslogHeader = {
  facility: "user",
  hostname: "box",
  appName: "corn.shop.error",
  messageId: "error",
};

function format(
  event: Partial<LogEvent>,
  changed: Partial<SyslogHeader> = {},
  bytes = 2048,
): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
    formatSyslog({ ...base, ...event }, { ...header, ...changed }, bytes),
  );
}

/** A receiver that knows RFC 5424 and nothing of corn. */
const RFC5424 =
  /^<(0|[1-9]\d{0,2})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) - ([^]*)$/;

/** Reads a stream by RFC 6587 §3.4.1. @throws where it is none */
function readCounted(stream: Uint8Array): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const messages: string[] = [];
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(32, at);
    const length = decoder.decode(stream.subarray(at, space));
    assert.match(length, /^[1-9]\d*$/);
    at = space + 1 + Number(length);
    assert.ok(at <= stream.length, "a message is shorter than its count");
    messages.push(decoder.decode(stream.subarray(space + 1, at)));
  }
  return messages;
}

syslog("formatSyslog() writes the header of RFC 5424", () => {
  assert.is(
    format({}),
    "<14>1 2026-11-21T04:00:00.120Z box corn.shop.error 42 error - hello",
  );
});

syslog("FACILITIES have the numbers of RFC 5424", () => {
  assert.is(
    Object.entries(FACILITIES).map((one) => one.join(" ")).join(", "),
    "kern 0, user 1, mail 2, daemon 3, auth 4, security 4, syslog 5, lpr 6, " +
      "news 7, uucp 8, cron 9, authpriv 10, ftp 11, local0 16, local1 17, " +
      "local2 18, local3 19, local4 20, local5 21, local6 22, local7 23",
  );
});

syslog("formatSyslog() puts facility and severity into the priority", () => {
  const severities = { debug: 7, info: 6, warning: 4, error: 3, critical: 2 };
  for (const [facility, number] of Object.entries(FACILITIES)) {
    for (const level of LEVELS) {
      const [, priority] = RFC5424.exec(
        format({ level }, { facility: facility as Facility }),
      ) ?? [];
      assert.is(Number(priority), number * 8 + severities[level]);
    }
  }
});

syslog(
  "formatSyslog() puts a BOM before what is not ASCII, and only there",
  () => {
    assert.ok(format({ text: "grüße" }).endsWith(" - \ufeffgrüße"));
    assert.ok(format({ text: "gruesse ~" }).endsWith(" - gruesse ~"));
  },
);

syslog(
  "formatSyslog() makes one line of many, and shows control characters",
  () => {
    const text =
      "one\n  two\tthree\r\n\x1b[31mred\x1b[0m \x00\u2028\u202e\x85\n";
    assert.ok(
      format({ text }).endsWith(
        " - one\\n  two\\tthree\\x0d\\nred \\x00\\u2028\\u202e\\x85",
      ),
    );
  },
);

syslog("formatSyslog() cuts what is too long between characters", () => {
  for (let more = 0; more < 8; more++) {
    const text = `${"x".repeat(more)}${"🌽".repeat(1000)}`;
    const message = format({ text }, {}, 480);
    const { length } = new TextEncoder().encode(message);
    assert.ok(length <= 480 && length > 476, String(length));
    assert.match(message, /🌽\.\.\.$/u);
  }
  assert.is(format({ text: "x".repeat(5000) }).length, 2048);
});

syslog("formatSyslog() leaves what just fits as it is", () => {
  const { length } = format({ text: "" });
  const text = "x".repeat(480 - length);
  assert.ok(format({ text }, {}, 480).endsWith(` - ${text}`));
  assert.ok(format({ text: `${text}y` }, {}, 480).endsWith("x..."));
});

syslog("a datagram is cut shorter than what goes by a stream", () => {
  for (const [kind, most] of [["udp", 2048], ["tcp", 8192]] as const) {
    const runtime = new FakeRuntime();
    const target = { kind, host: "127.0.0.1", port: 514 } as const;
    const log = new SyslogLog(runtime, { ...header, target }, { report() {} });
    const [outlet] = runtime.outlets as [FakeOutlet];
    outlet.events.onOpen();
    log.write({ ...base, text: "x".repeat(10_000) }, "error");
    const [sent = ""] = outlet.texts();
    const message = kind === "udp" ? sent : sent.slice(sent.indexOf(" ") + 1);
    assert.is(message.length, most);
    log.close();
  }
});

syslog("formatSyslog() leaves nothing in a name that would end it", () => {
  const message = format({}, {
    hostname: "a b\nc",
    appName: "ü",
    messageId: "",
  });
  assert.ok(message.includes(" a-b-c - 42 - - hello"));
});

syslog("appNameOf() cuts a long prefix and keeps the log's name", () => {
  assert.is(appNameOf("shop", "error"), "corn.shop.error");
  assert.is(
    appNameOf("src/app.ts:create", "access"),
    "corn.src-app.ts-create.access",
  );
  const long = appNameOf("x".repeat(100), "access");
  assert.is(long.length, 48);
  assert.ok(long.endsWith("x.access"));
});

syslog(
  "whatever a client sends, a receiver reads one event for one event",
  () => {
    const seed = anySeed();
    const random = randomFrom(seed);
    const pieces = [
      ...["\n", "\r", "\0", "\x1b[2J", "\x7f", "\u2028", "\ufeff", "\ud800"],
      ...'<14>1 - - - - - - fake|42 |🌽|é|\\n|%|  |\t|[x y="z"]|]'.split("|"),
    ];
    const stream: Uint8Array[] = [];
    const plain: string[] = [];
    for (let n = 0; n < 3000; n++) {
      const text = Array.from(
        { length: Math.floor(random() * 60) },
        () => pieces[Math.floor(random() * pieces.length)],
      ).join("");
      const bytes = 200 + Math.floor(random() * 400);
      const event = { ...base, text };
      const one = formatSyslog(event, header, bytes);
      assert.ok(one.length <= bytes);
      const message = readCounted(
        countOctets(one),
      );
      assert.is(message.length, 1, `seed ${seed}`);
      const read = RFC5424.exec(message[0] as string);
      assert.ok(read !== null, `seed ${seed}`);
      const [, , , , , , , body = ""] = read;
      // deno-lint-ignore no-control-regex
      assert.not.match(body, /[\x00-\x1f\x7f-\x9f\u2028-\u202e]/);
      // deno-lint-ignore no-control-regex
      assert.is(body.startsWith("\ufeff"), !/^[\x00-\x7f]*$/.test(body));
      plain.push(message[0] as string);
      stream.push(countOctets(one));
    }
    const all = new Uint8Array(
      stream.reduce((sum, { length }) => sum + length, 0),
    );
    let at = 0;
    for (const one of stream) {
      all.set(one, at);
      at += one.length;
    }
    assert.equal(readCounted(all), plain);
  },
);

syslog.run();
