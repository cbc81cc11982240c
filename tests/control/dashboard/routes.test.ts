import { Feed } from "../../../src/control/dashboard/feed.ts";
import { openBrowser } from "../../../src/control/dashboard/open-browser.ts";
import { dashboardRoutes } from "../../../src/control/dashboard/routes.ts";
import { findRoute } from "../../../src/control/door/route.ts";
import type { Asked } from "../../../src/control/door/route.ts";
import type { SpawnOptions } from "../../../src/runtime/runtime.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const routes = suite("dashboardRoutes");

const asked: Asked = {
  params: {},
  query: new URLSearchParams(),
  body: undefined,
  field: () => undefined,
};

function reply(path: string, once?: string) {
  const all = dashboardRoutes(new Feed(), { key: "key", once });
  // deno-lint-ignore no-explicit-any
  return () => findRoute(all, "GET", path).route.answer(asked) as any;
}

routes("all that is in the page comes from the page's own files", () => {
  const { type, text, fields } = reply("/key/")();
  assert.match(type, /^text\/html/);
  assert.match(fields["content-security-policy"], /^default-src 'none';/);
  assert.not.match(fields["content-security-policy"], /unsafe/);
  const named = [...text.matchAll(/(?:src|href)="([^#"]*)"/g)];
  assert.ok(named.length > 4);
  for (const [, name] of named) assert.ok(reply(`/key/${name}`)().text, name);
  // Neither of these would run.
  assert.not.match(text, /<script>|<style|\son\w+=|\sstyle=/);
});

routes("nothing is told without the key", () => {
  for (const path of ["/", "/other/", "/other/start", "/start", "/events"]) {
    assert.throws(reply(path), /nothing at this path/);
  }
});

routes("the address that a browser is opened with leads there once", () => {
  const open = reply("/once", "once");
  const { status, fields } = open();
  assert.equal([status, fields.location], [302, "/key/"]);
  assert.throws(open, /has been used/);
  assert.throws(reply("/once"), /nothing at this path/);
});

/** What is started to open an address. */
function opened(env: Record<string, string>): string[][] {
  const started: string[][] = [];
  openBrowser({
    self: { env: () => env, cwd: () => "/" },
    files: { kind: () => undefined },
    spawn: ({ executable, args }: SpawnOptions) => {
      started.push([executable, ...args]);
    },
  } as never, "http://127.0.0.1:1/once");
  return started;
}

routes("openBrowser() starts one where there is a screen", () => {
  const command = ["xdg-open", "http://127.0.0.1:1/once"];
  assert.equal(opened({ DISPLAY: ":0" }), [command]);
  assert.equal(opened({ WAYLAND_DISPLAY: "wayland-0" }), [command]);
  assert.equal(opened({ DISPLAY: "" }), []);
});

routes.run();
