import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { asksForSocket } from "../../../src/gateway/sockets/socket-limit.ts";

const limit = suite("asksForSocket()");

limit("a WebSocket may be one of what is asked for", () => {
  assert.equal(
    ["websocket", "WebSocket", "h2c, websocket", "h2c", null].map(
      asksForSocket,
    ),
    [true, true, true, false, false],
  );
});

limit.run();
