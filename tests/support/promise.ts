/**
 * A suite of promises that corn makes, each kept on the real machine. Every test
 * has a deadline, a folder of its own and an audit at its end, which no test
 * can leave out.
 */
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { skip, suite } from "./suite.ts";
import { root } from "../../scripts/tools.ts";
import {
  auditGone,
  auditLiving,
  killMarked,
  measure,
} from "./process/audit.ts";
import type { Baseline } from "./process/audit.ts";
import { RawClient, type Target } from "./client/client.ts";
import { alive } from "./machine/proc.ts";
import { startCommand, startServer } from "./process/server.ts";
import type { Command, Server, ServerOptions } from "./process/server.ts";
import { within } from "./wait.ts";

/** What a test works with. */
export interface Lab {
  /** A folder of the test's own, empty at first. */
  readonly folder: string;
  /** The value of TEST_MARK by which the audit knows the test's processes. */
  readonly mark: string;
  /** Writes a file into the folder and gives its path. */
  write(name: string, text: string): string;
  /** Starts corn and waits until it serves. */
  start(options: ServerOptions): Promise<Server>;
  /** Starts corn where it need not come to serve. */
  run(options: ServerOptions): Command;
  /** Opens a raw connection that is closed with the test. */
  connect(target: string | Target): Promise<RawClient>;
  /** Says why this cannot be shown here; return after it. */
  skip(reason: string): void;
  /** Says that this path may outlive corn: a folder with all it holds, or what a killed corn left. */
  forgive(path: string): void;
}

export interface TestOptions {
  /** Milliseconds the test may take, 150 s unless given. */
  readonly deadlineMs?: number;
}

type Body = (lab: Lab) => Promise<void> | void;

/** A suite; its tests run one after the other. */
export interface Promises {
  (name: string, body: Body, options?: TestOptions): void;
  /**
   * Opens what several tests of the suite use, once the first of them asks. It
   * has a lab of its own, which is audited after the last test of the suite.
   */
  share<T>(open: (lab: Lab) => Promise<T>): () => Promise<T>;
  run(): void;
}

/** Makes a suite about a subject, see `suite`. */
export function promises(subject: string, ...programs: string[]): Promises {
  const tests = suite(subject, ...programs);
  const shared: OpenLab[] = [];
  let shares = false;
  /** What the test that runs has asked for. */
  const used = new Set<OpenLab>();
  const add = (name: string, body: Body, options: TestOptions = {}) =>
    tests(name, async () => {
      used.clear();
      try {
        await keep(name, openLab(), body, options);
      } catch (error) {
        for (const one of used) one.tell(name);
        throw error;
      }
    });
  const share = <T>(open: (lab: Lab) => Promise<T>) => {
    shares = true;
    let opened: { one: OpenLab; value: Promise<T> } | undefined;
    return () => {
      if (opened === undefined) {
        const one = openLab();
        opened = { one, value: open(one.lab) };
        shared.push(one);
      }
      used.add(opened.one);
      return opened.value;
    };
  };
  const closing = async () => {
    if (shared.length === 0) skip("no test asked for any");
    for (const one of shared) await keep("what is shared", one, () => {}, {});
  };
  const run = () => {
    if (shares) tests("what its tests share leaves nothing behind", closing);
    tests.run();
  };
  return Object.assign(add, { share, run });
}

/** The path of a file in tests/fixtures. */
export function fixture(name: string): string {
  return join(root, "tests", "fixtures", name);
}

/** A lab, and what ends it. */
interface OpenLab {
  readonly lab: Lab;
  /** Lets everything end that was started. @throws where something is left behind */
  close(): Promise<void>;
  /** Prints what was logged. */
  tell(name: string): void;
  /** Removes what there is, whatever state it is in. */
  clear(): void;
}

async function keep(
  name: string,
  one: OpenLab,
  body: Body,
  { deadlineMs = 150_000 }: TestOptions,
): Promise<void> {
  try {
    await within(
      "the end of the test",
      (async () => await body(one.lab))(),
      deadlineMs,
    );
    await one.close();
  } catch (error) {
    one.tell(name);
    throw error;
  } finally {
    one.clear();
  }
}

function openLab(): OpenLab {
  const mark = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), "corn-test-"));
  const own = new Set<string>();
  const commands: Command[] = [];
  const servers = new Map<Server, Baseline>();
  const clients: RawClient[] = [];
  let gone = false;

  const lab: Lab = {
    folder,
    mark,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      own.add(path);
      return path;
    },
    async start(options) {
      const server = await startServer(options, mark, commands);
      servers.set(server, measure(server));
      return server;
    },
    run(options) {
      const command = startCommand(options, mark);
      commands.push(command);
      return command;
    },
    async connect(target) {
      const client = await RawClient.connect(target);
      clients.push(client);
      return client;
    },
    skip,
    forgive: (path) => void own.add(path),
  };

  return {
    lab,
    async close() {
      for (const client of clients) client.close();
      for (const [server, before] of servers) await auditLiving(server, before);
      for (const command of commands) {
        // Its end is known a little later than it comes.
        if (command.ending() !== undefined || !alive(command.pid)) continue;
        command.signal("SIGINT");
        await within("the end after SIGINT", command.ended);
      }
      await auditGone(mark, [...servers.keys()].flatMap(({ ports }) => ports));
      gone = true;
      auditFolder(folder, own);
    },
    tell(name) {
      for (const command of commands) {
        console.log(
          `\n--- log of pid ${command.pid}, ${name}\n${command.log()}`,
        );
      }
    },
    clear() {
      for (const client of clients) client.close();
      if (!gone) killMarked(mark);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @throws when the folder holds what the test did not write: a socket, a pid file. */
function auditFolder(folder: string, own: ReadonlySet<string>): void {
  const left = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) =>
      ![...own].some((one) => path === one || path.startsWith(`${one}/`))
    );
  if (left.length > 0) throw new Error(`Files are left behind: ${left}`);
}
