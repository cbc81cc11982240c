import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { writeMade } from "../../src/make/write.ts";
import type { Target } from "../../src/make/write.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { FakeFiles, systemError } from "../support/fake/files.ts";

const write = suite("write");

const ONE = [{ name: "a", text: "A\n" }];
const TWO = [...ONE, { name: "b", text: "B\n" }];

/** A machine with a folder /srv, in which corn was started. */
function lab() {
  const files = new FakeFiles();
  files.texts.set("/srv/app.ts", "");
  const printed: string[] = [];
  const sink = (text: string) => {
    printed.push(text);
    return true;
  };
  const self = {
    cwd: () => "/srv",
    stderr: { write: sink },
  } as unknown as Runtime["self"];
  const put = (
    made: typeof ONE,
    { json = false, ...target }: Partial<Target> & { json?: boolean },
  ) => {
    const answer = {
      json,
      tell(text: string, value: unknown) {
        const said = json ? JSON.stringify(value) : text;
        if (said !== "") sink(said);
      },
    };
    writeMade(made, { folder: undefined, force: false, answer, ...target }, {
      files,
      self,
    });
  };
  return { files, printed, put };
}

function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing failed";
}

write("writeMade() prints one file and puts several into a folder", () => {
  const { files, printed, put } = lab();
  put(ONE, {});
  assert.equal(printed.splice(0), ["A\n"]);
  assert.is(
    messageOf(() => put(TWO, {})),
    "Cannot write a and b to standard output: give a folder, -o DIR",
  );
  put(TWO, { folder: "." });
  assert.equal(printed, [
    "corn: /srv/a is written\n",
    "corn: /srv/b is written\n",
  ]);
  assert.equal([files.texts.get("/srv/a"), files.texts.get("/srv/b")], [
    "A\n",
    "B\n",
  ]);
});

write("writeMade() prints several in JSON, and where they are", () => {
  const { printed, put } = lab();
  put(TWO, { json: true });
  assert.equal(JSON.parse(printed.splice(0).join("")), { files: TWO });
  put(TWO, { json: true, folder: "." });
  assert.equal(JSON.parse(printed.at(-1) as string), {
    files: [{ name: "a", path: "/srv/a" }, { name: "b", path: "/srv/b" }],
  });
});

write("writeMade() writes nothing over anything unless it is forced", () => {
  const { files, put } = lab();
  files.texts.set("/srv/b", "mine");
  assert.is(
    messageOf(() => put(TWO, { folder: "/srv" })),
    'Cannot write "/srv/b": it is there already, --force writes over it',
  );
  assert.is(files.texts.has("/srv/a"), false, "all or none");
  put(TWO, { folder: "/srv", force: true });
  assert.is(files.texts.get("/srv/b"), "B\n");
});

write("writeMade() names the folder that cannot be used", () => {
  const { files, put } = lab();
  assert.is(
    messageOf(() => put(ONE, { folder: "nowhere" })),
    'Cannot write to "nowhere": there is no such folder',
  );
  files.failures.set("replaceText /srv/a", systemError("EACCES"));
  assert.is(
    messageOf(() => put(ONE, { folder: "." })),
    'Cannot write to ".": permission denied',
  );
});

write.run();
