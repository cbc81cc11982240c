import { SocketFigures } from "../../src/telemetry/socket-figures.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const sockets = suite("SocketFigures");

sockets("take() gives what is open, and each event once", () => {
  const figures = new SocketFigures();
  for (let count = 0; count < 5; count++) figures.onOpen();
  for (const code of [1001, 1001, 3000, 4999]) figures.onEnd(code);
  assert.equal(figures.take(), {
    ...{ open: 1, opened: 5 },
    closed: { "1001": 2, app: 2 },
  });
  assert.equal(figures.take(), { open: 1, opened: 0, closed: {} });
  figures.onEnd(2999);
  assert.equal(figures.take(), { open: 0, opened: 0, closed: { "2999": 1 } });
});

sockets("a worker without WebSockets has nothing to tell", () => {
  const figures = new SocketFigures();
  assert.equal([figures.take(), figures.changed], [undefined, false]);
  const changes = [
    () => figures.onOpen(),
    () => figures.take(),
    () => figures.onEnd(1000),
    () => figures.take(),
  ].map((change) => {
    change();
    return figures.changed;
  });
  assert.equal(changes, [true, false, true, false]);
});

sockets.run();
