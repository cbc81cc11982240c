import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Inflight, pathOf } from "../../src/gateway/inflight.ts";
import { settle } from "../support/fake-runtime.ts";

const inflight = suite("inflight");

function track() {
  const clock = { now: 0 };
  const tracked = new Inflight(() => clock.now);
  return { clock, tracked };
}

function request(url: string, method = "GET") {
  return { method, url };
}

async function isIdle(tracked: Inflight): Promise<boolean> {
  let idle = false;
  void tracked.idle().then(() => idle = true);
  await settle();
  return idle;
}

inflight("idle() resolves at once where nothing is open", async () => {
  assert.ok(await isIdle(track().tracked));
});

inflight("idle() waits for open requests", async () => {
  const { tracked } = track();
  const one = request("/");
  tracked.open = 2;
  let idle = 0;
  void tracked.idle().then(() => idle++);
  void tracked.idle().then(() => idle++);
  tracked.end(one);
  await settle();
  assert.is(idle, 0);
  tracked.end(one);
  await settle();
  assert.is(idle, 2);
});

inflight("idle() waits for what is held, however it ends", async () => {
  const { tracked } = track();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  tracked.hold(first.promise);
  tracked.hold(second.promise);
  assert.not(await isIdle(tracked));
  first.resolve();
  assert.not(await isIdle(tracked));
  second.reject(new Error("no"));
  assert.ok(await isIdle(tracked));
});

inflight("hold() takes what is no promise as settled", async () => {
  const { tracked } = track();
  tracked.hold(undefined);
  tracked.hold({ then: (run: () => void) => run() });
  assert.ok(await isIdle(tracked));
});

inflight("oldest() names three requests and the one at work", () => {
  const { clock, tracked } = track();
  for (const name of ["a", "b", "c", "d"]) {
    tracked.defer(request(`http://localhost/${name}?secret=1`));
    clock.now += 10.4;
  }
  tracked.current = request("http://localhost/now", "POST");
  assert.equal(tracked.oldest(), [
    { method: "GET", path: "/a", ms: 42 },
    { method: "GET", path: "/b", ms: 31 },
    { method: "GET", path: "/c", ms: 21 },
    { method: "POST", path: "/now", ms: 0 },
  ]);
});

inflight("oldest() forgets a request that has ended", () => {
  const { tracked } = track();
  const one = request("/");
  tracked.defer(one);
  tracked.end(one);
  assert.equal(tracked.oldest(), []);
});

inflight("oldest() names a request without method and URL", () => {
  const { tracked } = track();
  tracked.defer({});
  assert.equal(tracked.oldest(), [{ method: "?", path: "?", ms: 0 }]);
});

const paths = [
  ["http://localhost:8000/a/b?x=1#y", "/a/b"],
  ["http://localhost", "/"],
  ["http://localhost?x=http://other/", "/"],
  ["/a?next=http://other/b", "/a"],
  ["/a#b", "/a"],
  ["*", "*"],
  ["", ""],
] as const;
for (const [url, path] of paths) {
  inflight(
    `pathOf() takes ${path || "nothing"} from ${url || "nothing"}`,
    () => {
      assert.is(pathOf(url), path);
    },
  );
}

inflight.run();
