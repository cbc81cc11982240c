import {
  announcedPath,
  announcementIn,
  isAnnouncement,
} from "../../src/control/announcement.ts";
import { removeDead, socketsIn } from "../../src/control/dead-sockets.ts";
import * as assert from "../support/assert.ts";
import { FakeRuntime, systemError } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const announcement = suite("announcement of a control socket");

const FOLDER = "/tmp/corn-0";

function machine(texts: Record<string, string>): FakeRuntime {
  const runtime = new FakeRuntime();
  for (const [name, text] of Object.entries(texts)) {
    runtime.files.texts.set(`${FOLDER}/${name}`, text);
  }
  return runtime;
}

announcement("a file tells of a path, and no other file does", () => {
  const file = announcementIn(FOLDER, 7);
  assert.is(file, `${FOLDER}/7.path`);
  assert.ok(isAnnouncement(file));
  assert.ok(isAnnouncement(`${file}.0123456789abcdef`), "on its way");
  for (const name of ["7.sock", "x.path", "7.path.old"]) {
    assert.not(isAnnouncement(`${FOLDER}/${name}`), name);
  }
  const runtime = machine({
    "7.path": "/run/shop.sock\n",
    "8.path": "shop.sock\n",
    "9.sock": "/run/shop.sock\n",
    "10.path": "/run/shop.sock\n",
  });
  runtime.files.failures.set(
    `readText ${FOLDER}/10.path`,
    systemError("EACCES"),
  );
  const told = (name: string) => announcedPath(`${FOLDER}/${name}`, runtime);
  assert.equal(["7.path", "8.path", "9.sock", "10.path", "11.path"].map(told), [
    ...["/run/shop.sock", undefined, undefined, undefined, undefined],
  ]);
});

announcement("socketsIn() finds sockets and what is announced", () => {
  const runtime = machine({
    "5.sock": "",
    "7.path": "/run/shop.sock\n",
    "8.path": "no path",
    "9.path.0123456789abcdef": "/run/other.sock\n",
    "notes.txt": "",
  });
  assert.equal(socketsIn(FOLDER, runtime), [
    { pid: 5, path: `${FOLDER}/5.sock` },
    { pid: 7, path: "/run/shop.sock" },
  ]);
});

announcement("removeDead() leaves what answers and who lives", async () => {
  const runtime = machine({
    "5.sock": "",
    "7.path": "/run/shop.sock\n",
    "9.path": "/run/gone.sock\n",
    "notes.txt": "",
  });
  runtime.pids.add(5);
  runtime.answers = (address) =>
    Promise.resolve(
      address?.kind === "unix" && address.path === "/run/shop.sock",
    );
  await removeDead(FOLDER, runtime);
  assert.equal([...runtime.files.texts.keys()], [
    ...["5.sock", "7.path", "notes.txt"].map((name) => `${FOLDER}/${name}`),
  ]);
});

announcement.run();
