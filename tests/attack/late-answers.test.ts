/** Apps that answer what cannot be written: each such answer is a 500, and costs no worker. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const answers = promises("Answers that cannot be written");

const app = `
const euro = "\\u20ac";
const answers = {
  "/record": () => new Response("x", { headers: { "x-a": euro } }),
  "/pairs": () => new Response("x", { headers: [["x-a", euro]] }),
  "/name": () => new Response("x", { headers: { "x a": "b" } }),
  "/line": () => new Response("x", { headers: { "x-a": "b\\r\\nc: d" } }),
  "/status": () => new Response("x", { status: 1000 }),
  "/error": () => Response.error(),
  "/stream": () => new Response(new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(65536));
    },
    cancel() {
      console.log("cancelled");
    },
  }), { headers: { "x-a": euro } }),
  "/like": () => ({ status: 200, headers: { "x-a": euro }, body: "x" }),
};
export default {
  fetch(request) {
    const { pathname, search } = new URL(request.url);
    if (pathname === "/") return new Response(String(process.pid));
    return search === ""
      ? answers[pathname]()
      : Promise.resolve().then(answers[pathname]);
  },
};
`;

answers(
  "an answer that cannot be written is 500, and costs no worker",
  async ({ start, write, connect }) => {
    const server = await start({
      app: write("app.mjs", app),
      args: ["-w", "1"],
    });
    const ask = async (path: string) => {
      const client = await connect(server.url);
      const { status, text } = await client.request(path);
      client.close();
      return [status, text];
    };
    const pid = await ask("/");
    const paths = [
      "/record",
      "/pairs",
      "/name",
      "/line",
      "/status",
      "/error",
      "/stream",
      "/like",
    ];
    for (const path of paths.flatMap((path) => [path, `${path}?later`])) {
      const [status, text] = await ask(path);
      assert.is(status, 500, path);
      // What a runtime says of a bad header may name it, but nothing of it.
      assert.not.match(text as string, "\u20ac");
    }
    assert.equal(await ask("/"), pid, "the worker is the same");
    await until("a line", () => /failed/.test(server.log()) || undefined);
  },
);

const spent = `
const bytes = () => new ReadableStream({
  start(controller) {
    controller.enqueue(new Uint8Array([97]));
    controller.close();
  },
});
const answers = {
  async "/used"() {
    const response = new Response("x");
    await response.text();
    return response;
  },
  "/locked"() {
    const response = new Response(bytes());
    response.body.getReader();
    return response;
  },
};
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return answers[pathname]?.() ?? new Response(String(process.pid));
  },
};
`;

const bunServes = runtimeName === "bun" && process.env.TEST_HTTP !== "wire";

const lengths = `
const part = (text) => new ReadableStream({
  start(controller) {
    controller.enqueue(new TextEncoder().encode(text));
    controller.close();
  },
});
const answers = {
  "/short": () => "hello",
  "/long": () => "hello world, hello world",
  "/short-stream": () => part("hello"),
  "/long-stream": () => part("hello world, hello world"),
};
export default {
  fetch(request) {
    const body = answers[new URL(request.url).pathname]?.();
    const headers = { "content-length": "10" };
    return body ? new Response(body, { headers }) : new Response("next");
  },
};
`;

answers(
  "a body that is not as long as it says is no part of the next answer",
  async ({ start, write, connect }) => {
    const server = await start({
      app: write("app.mjs", lengths),
      args: ["-w", "1"],
    });
    for (const path of ["/short", "/long", "/short-stream", "/long-stream"]) {
      const client = await connect(server.url);
      client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const first = await client.answer().catch(() => undefined);
      if (first !== undefined) {
        const { status, body } = first;
        if (status === 200) {
          const length = Number(first.headers.get("content-length"));
          assert.is(length, body.length, path);
        }
        assert.is((await client.request("/")).text, "next", path);
      }
      client.close();
    }
  },
);

answers(
  "a late Response whose body was used is 500, in all logs too, and costs no worker",
  async ({ start, write, connect, folder, forgive }) => {
    const accessLog = join(folder, "access.log");
    forgive(accessLog);
    const server = await start({
      app: write("app.mjs", spent),
      args: [
        ...["-w", "1", "--access-logfile", accessLog],
        ...["--access-log-format", "%(s)s %(U)s"],
      ],
    });
    const ask = async (path: string) => {
      const client = await connect(server.url);
      const { status, text } = await client.request(path);
      client.close();
      return { status, text };
    };
    const pid = await ask("/");
    for (const path of ["/used", "/locked"]) {
      assert.is((await ask(path)).status, 500, path);
      // Only a look at its body would show that, which changes the Response
      // (BUN-USED-RESPONSE).
      if (path === "/locked" && bunServes) continue;
      await until(
        `${path} in the log`,
        () => server.log().includes(`GET ${path} failed`),
      );
      await until(
        `${path} in the access log`,
        () => readFileSync(accessLog, "utf8").includes(`500 ${path}\n`),
      );
    }
    assert.equal(await ask("/"), pid);
    assert.not.match(server.log(), /Uncaught|replaced/);
  },
);

function bodyOf(answer: string): string | undefined {
  return answer.split("\r\n\r\n")[1];
}

const failing = `
const failed = (first) => {
  let left = first;
  return new Response(new ReadableStream({
    pull(controller) {
      if (left.length === 0) throw new Error("the password is 1234");
      controller.enqueue(left.shift());
    },
  }, { highWaterMark: 0 }));
};
const ways = {
  plain: (response) => response,
  touched: (response) => (response.headers.set("x-a", "b"), response),
  again: (response) => new Response(response.body, response),
  async later(response) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return response;
  },
};
const error = () => new Response("Error: mine", {
  status: 500,
  headers: { "Content-Type": "text/plain" },
});
export default {
  fetch(request) {
    const [, first, way] = new URL(request.url).pathname.split("/");
    if (first === "error") return error();
    if (first === "") return new Response(String(process.pid));
    const response = failed(first === "none" ? [] : first === "number" ? [5] : [
      new TextEncoder().encode("one"),
    ]);
    if (way === "locked") response.body.getReader();
    return ways[way === "locked" ? "later" : way](response);
  },
};
`;

answers(
  "what an error says reaches no client, and the app's own text does",
  async ({ start, write, connect }) => {
    const server = await start({
      app: write("app.mjs", failing),
      args: ["-w", "1"],
    });
    /** All that comes of an answer, cut or not. */
    const ask = async (path: string) => {
      const client = await connect(server.url);
      let text = "";
      client.socket.on("data", (bytes) => text += bytes.toString("latin1"));
      client.write(
        `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      await client.closed();
      client.close();
      return text;
    };
    const pid = await ask("/");
    for (const way of ["plain", "touched", "again", "later", "locked"]) {
      for (const first of ["none", "number", "one"]) {
        const text = await ask(`/${first}/${way}`);
        const path = `/${first}/${way}\n${text}`;
        assert.not.match(text, /password|Error:|locked|argument/, path);
      }
    }
    assert.match(await ask("/error"), /^HTTP\/1.1 500 [^]*Error: mine$/);
    assert.is(bodyOf(await ask("/")), bodyOf(pid), "the worker is the same");
  },
);

answers.run();
