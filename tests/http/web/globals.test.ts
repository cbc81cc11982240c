import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { installGlobals } from "../../../src/http/web/globals.ts";
import type { ResponseKind } from "../../../src/http/web/globals.ts";
import { WireHeaders } from "../../../src/http/web/headers.ts";
import { LightResponse } from "../../../src/http/web/light-response.ts";
import { ownResponse } from "../../../src/http/web/light-globals.ts";
import { MemoResponse } from "../../../src/http/web/memo-response.ts";
import { Native } from "../../../src/http/web/native-response.ts";

const globals = suite("installGlobals()");

globals("lets apps find the Response of a kind, and its Headers", () => {
  const kinds: Record<ResponseKind, readonly unknown[]> = {
    light: [LightResponse, WireHeaders],
    memo: [MemoResponse, Headers],
    own: [Response, Headers],
  };
  for (const [kind, found] of Object.entries(kinds)) {
    const all = { Request, Response, Headers, fetch };
    installGlobals(all, kind as ResponseKind);
    assert.ok(all.Response === found[0] && all.Headers === found[1], kind);
    assert.instance(new all.Request("http://a/"), Request);
  }
});

globals("ownResponse() is the runtime's own in place of a light one", () => {
  const light = new LightResponse("text") as unknown as Response;
  assert.is(Object.getPrototypeOf(ownResponse(light)), Native.prototype);
  for (const other of [new Native("text"), undefined, "text"]) {
    assert.is(ownResponse(other), other);
  }
});

globals.run();
