import { suite } from "../suite.ts";
import * as assert from "../assert.ts";
import app from "../../fixtures/app.ts";
import { serveEngine, sourcesOf } from "../engine/engine.ts";
import { kinds, MIXED, totalOf, underLoad } from "./load.ts";

const load = suite("load");
const context = { waitUntil() {} };
const [source = "address"] = sourcesOf("fetch");

/** The same body with one byte changed, or without its last byte. */
async function spoiled(response: Response, cut: boolean): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return new Response(cut ? bytes.subarray(0, -1) : bytes);
}

load("every kind asks, and whole answers are no failures", async () => {
  const asked = new Map<string, number>();
  await using served = await serveEngine({
    source,
    fetch(request, env) {
      const route = `${request.method} ${
        new URL(request.url).pathname.split("/")[1]
      }`;
      asked.set(route, (asked.get(route) ?? 0) + 1);
      return app.fetch(request, env, context);
    },
  });
  const report = await underLoad(
    { ...MIXED, url: served.target },
    (running) => running.more(300),
  );
  assert.is(totalOf(report).failures, 0, JSON.stringify(report.reasons));
  for (const kind of kinds) assert.ok(report[kind].requests > 10, kind);
  assert.equal(
    [...asked].sort(),
    [
      ["GET load", report.keepAlive.requests + report.single.requests],
      ["GET pieces", report.streams.requests],
      ["POST sum", report.posts.requests],
    ],
  );
});

load("a wrong or missing byte is a failure of its kind", async () => {
  let count = 0;
  let spoils = 0;
  await using served = await serveEngine({
    source,
    async fetch(request, env) {
      const answer = await app.fetch(request, env, context);
      if (++count % 5 > 0) return answer;
      return await spoiled(answer, ++spoils % 2 === 0);
    },
  });
  const report = await underLoad(
    { ...MIXED, url: served.target },
    (running) => running.more(300),
  );
  assert.is(totalOf(report).failures, spoils);
  assert.is(report.failed.length, spoils);
  for (const kind of kinds) assert.ok(report[kind].failures > 0, kind);
  assert.ok(report.failed.every(({ reason }) => reason === "Wrong body"));
  assert.ok(report.failed.every(({ port }) => (port ?? 0) > 0));
});

load("a refused connection is a failure without a port", async () => {
  const served = await serveEngine({
    source,
    fetch: (request, env) => app.fetch(request, env, context),
  });
  const report = await underLoad(
    { single: 2, url: served.target },
    async (running) => {
      await served[Symbol.asyncDispose]();
      const { failures } = running.progress();
      while (running.progress().failures < failures + 4) await running.more(1);
    },
  );
  assert.match(Object.keys(report.reasons).join(), "ECONNREFUSED");
  assert.ok(report.failed.some(({ port }) => port === undefined));
});

load("the seed decides what is asked", async () => {
  /** The first paths that are asked for. */
  const asked = async (seed: number) => {
    const paths: string[] = [];
    await using served = await serveEngine({
      source,
      fetch(request, env) {
        paths.push(request.url.slice(request.url.indexOf("/", 8)));
        return app.fetch(request, env, context);
      },
    });
    await underLoad(
      { streams: 1, url: served.target, seed },
      (running) => running.more(10),
    );
    return paths.slice(0, 8);
  };
  const first = await asked(1);
  assert.equal(await asked(1), first);
  assert.not.equal(await asked(2), first);
});

load.run();
