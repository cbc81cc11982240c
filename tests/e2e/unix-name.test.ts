import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { fixture, promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const name = promises("the name of a unix socket");

name("that was removed is made again at HUP, another's stays", async (lab) => {
  const path = join(lab.folder, "corn.sock");
  const server = await lab.start({
    app: fixture("app.ts"),
    args: ["-w", "2", "-b", `unix:${path}`],
  });
  const ask = () => get("http://corn/", "--unix-socket", path);
  const reload = async () => {
    const from = server.log().length;
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { from });
  };
  // What is open on the socket before goes on.
  const client = await lab.connect({ path });
  client.send("/stream/5?ms=300");
  await until("the stream", () => client.unread > 0);
  rmSync(path);
  await reload();
  assert.is(await ask(), "ok\n");
  const { body } = await client.answer();
  assert.match(new TextDecoder().decode(body), "part 4");

  rmSync(path);
  lab.write("corn.sock", "not corn's");
  await reload();
  assert.is(readFileSync(path, "utf8"), "not corn's");
  assert.is((await server.stop()).code, 0);
  assert.is(readFileSync(path, "utf8"), "not corn's");
});

name.run();
