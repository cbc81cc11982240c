import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  removeDeadPools,
  socketPath,
} from "../../../src/arbiter/tasks/socket-path.ts";
import { FakeRuntime } from "../../support/fake/runtime.ts";

const paths = suite("sockets of task pools");

paths("are named after arbiter, pool and generation", () => {
  const runtime = new FakeRuntime();
  const pool = { pool: "images", generation: 3 };
  assert.match(
    socketPath(runtime, pool),
    /^\/tmp\/corn-100-[\da-z]+-images-3\.sock$/,
  );
  runtime.env.RUNTIME_DIRECTORY = "/run/shop:/run/other";
  assert.match(socketPath(runtime, pool), /^\/run\/shop\/corn-100-/);
});

paths("differ by chance, where all else is the same", () => {
  const runtime = new FakeRuntime();
  const names = [0.25, 0.75, 0.999].map((number) => {
    runtime.random = () => number;
    return socketPath(runtime, { pool: "images", generation: 3 });
  });
  assert.is(new Set(names).size, 3);
});

paths("of arbiters that are gone are removed, and no others", async () => {
  const runtime = new FakeRuntime();
  runtime.pids.add(7);
  const dead = "/tmp/corn-8-abc-images-1.sock";
  const answering = "/tmp/corn-9-abc-images-1.sock";
  const others = [
    "/tmp/corn-7-abc-images-1.sock",
    answering,
    "/tmp/corn-8.sock",
    "/tmp/their-8-abc-images-1.sock",
  ];
  for (const path of [dead, `${dead}.0123456789abcdef`, ...others]) {
    runtime.files.texts.set(path, "");
  }
  runtime.answers = (address) =>
    Promise.resolve(address?.kind === "unix" && address.path === answering);
  await removeDeadPools(runtime);
  assert.equal([...runtime.files.texts.keys()], others);
});

paths.run();
