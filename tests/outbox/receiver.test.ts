import { failureText } from "../../src/outbox/failure-text.ts";
import {
  demandDatagrams,
  isName,
  nameTarget,
  routeTo,
} from "../../src/outbox/receiver.ts";
import type { Target } from "../../src/outbox/receiver.ts";
import * as assert from "../support/assert.ts";
import { systemError } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const receivers = suite("receivers");

const path = "/dev/log";

receivers("nameTarget() writes a target as a setting has it", () => {
  const targets: readonly (readonly [Target, string])[] = [
    [{ kind: "udp", host: "logs", port: 514 }, "udp://logs:514"],
    [{ kind: "tcp", host: "::1", port: 601 }, "tcp://[::1]:601"],
    [{ kind: "unix", path }, "unix:///dev/log"],
    [{ kind: "unix-datagram", path }, "unix:///dev/log#dgram"],
    [{ kind: "unix-stream", path }, "unix:///dev/log#stream"],
  ];
  for (const [target, text] of targets) assert.is(nameTarget(target), text);
});

receivers("isName() tells a host that must be looked up", () => {
  const hosts = ["logs", "logs.internal", "10.internal", "10.0.0.1", "::1"];
  assert.equal(hosts.map(isName), [true, true, true, false, false]);
});

receivers("routeTo() tries a unix socket as what it may be", () => {
  const target = { kind: "unix", path } as const;
  const stream = { kind: "unix-stream", path } as const;
  const has = (sendsUnixDatagrams: boolean) =>
    ({ name: "node", sendsUnixDatagrams }) as const;
  assert.equal(routeTo(target, has(true)), {
    receivers: [{ kind: "unix-datagram", path }, stream],
  });
  const { receivers, hint = "" } = routeTo(target, has(false));
  assert.equal(receivers, [stream]);
  assert.match(hint, /^it takes datagrams, and Node has no unix datagrams;/);
  const tcp = { kind: "tcp", host: "logs", port: 601 } as const;
  assert.equal(routeTo(tcp, has(false)), { receivers: [tcp] });
});

receivers("demandDatagrams() refuses what a runtime cannot send to", () => {
  const target = { kind: "unix-datagram", path } as const;
  const demand = (
    name: "node" | "deno",
    sendsUnixDatagrams: boolean,
    to?: Target,
  ) => demandDatagrams("statsdHost", to, { name, sendsUnixDatagrams });
  demand("deno", true, target);
  demand("deno", false, { kind: "unix", path });
  demand("deno", false);
  assert.throws(
    () => demand("deno", false, target),
    /^Cannot use statsdHost "unix:\/\/\/dev\/log#dgram": there are no unix datagrams without libc \(--allow-ffi on Deno\); give udp/,
  );
  assert.throws(() => demand("node", false, target), /Node has no unix/);
});

receivers("failureText() says why a receiver took nothing", () => {
  const codes = ["EPIPE", "ECONNRESET", "ECONNREFUSED", "ENOENT", "EACCES"];
  const ended = "it ended the stream";
  assert.equal(
    [...codes, "ENOTFOUND", "EAI_AGAIN"].map((one) =>
      failureText(systemError(one))
    ),
    [
      ...[ended, ended, "nobody listens there", "there is no such socket"],
      ...["permission denied", "the name is not found"],
      "the name is not found",
    ],
  );
  assert.is(failureText(new Error("else")), "else");
});

receivers.run();
