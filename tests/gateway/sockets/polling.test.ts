import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { createPollingAdvice } from "../../../src/gateway/sockets/polling.ts";

const polling = suite("createPollingAdvice()");

const PATH = "/socket.io/?EIO=4&transport=polling";

function told(urls: readonly (string | undefined)[]): string[] {
  const said: string[] = [];
  const advise = createPollingAdvice((_level, text) => said.push(text));
  for (const url of urls) advise(url === undefined ? {} : { url });
  return said;
}

polling("says once what to do about a session that is not known", () => {
  const said = told([`${PATH}&sid=a`, `http://localhost${PATH}&sid=b`]);
  assert.is(said.length, 1);
  assert.match(said[0] ?? "", /transports: \["websocket"\], or run one worker/);
});

polling("says nothing of what begins a session, or is none", () => {
  assert.equal(
    told([
      PATH,
      "/",
      undefined,
      `/?EIO=4&transport=websocket&sid=a`,
      "/?sid=a",
    ]),
    [],
  );
});

polling.run();
