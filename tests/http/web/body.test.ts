import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { IncomingBody } from "../../../src/http/web/body.ts";

const bodies = suite("IncomingBody");

function made(): IncomingBody {
  const source = { onWanted() {}, pauseBody() {}, resumeBody() {} };
  return new IncomingBody(source, {
    length: 0,
    lent: false,
    join: () => {
      throw new Error("nothing is joined here");
    },
  });
}

/** How a promise has ended by now. */
async function endOf(promise: Promise<unknown>): Promise<string> {
  return await Promise.race([
    promise.then(() => "resolved", (error) => error.message),
    new Promise<string>((resolve) => setTimeout(resolve, 0, "pending")),
  ]);
}

bodies("arrived() resolves with the last byte", async () => {
  const body = made();
  const early = body.arrived();
  body.push(new Uint8Array(3));
  assert.is(await endOf(early), "pending");
  body.end();
  assert.is(await endOf(early), "resolved");
  assert.is(await endOf(body.arrived()), "resolved");
});

bodies("arrived() rejects where the last byte never comes", async () => {
  const body = made();
  const early = body.arrived();
  body.fail(new Error("cut"));
  assert.is(await endOf(early), "cut");
  assert.is(await endOf(body.arrived()), "cut");
});

bodies.run();
