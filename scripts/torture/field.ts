/** A server under load, for one trial. */
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { makeCertificates } from "../../tests/support/certificates.ts";
import { killMarked } from "../../tests/support/process/audit.ts";
import { startLoad } from "../../tests/support/load/load.ts";
import type { Kind, Load } from "../../tests/support/load/load.ts";
import {
  alive,
  childrenOf,
  countDescriptors,
  markedWith,
  signalIfAlive,
} from "../../tests/support/machine/proc.ts";
import { randomFrom } from "../../tests/support/random.ts";
import { moveLink } from "../../tests/support/process/releases.ts";
import { startServer } from "../../tests/support/process/server.ts";
import type { StuckReader } from "../../tests/support/process/stuck.ts";
import { until } from "../../tests/support/wait.ts";
import { root } from "../tools.ts";

/** Clients of each kind, unless a trial says otherwise. */
const CLIENTS: Readonly<Record<Kind, number>> = {
  keepAlive: 24,
  single: 12,
  streams: 10,
  posts: 10,
};
/** The size of the pool. */
export const WORKERS = 3;
/** Seconds. */
const KEEP_ALIVE = 2;
/** A worker may take twenty seconds to boot on a busy machine, and a reload boots several. */
const END_MS = 180_000;

/** Code that serves the load. */
export const GOOD = `export { default } from ${
  JSON.stringify(join(root, "tests/fixtures/app.ts"))
};\n`;

/** What to start. */
export interface FieldOptions {
  readonly runtime: RuntimeName;
  readonly seed: number;
  readonly args: readonly string[];
  /** True to serve on a unix socket. */
  readonly unix: boolean;
  /** True to speak TLS. */
  readonly tls: boolean;
  readonly clients: Readonly<Record<Kind, number>> | undefined;
  /** Makes what reads the server's output, with a path in the field's folder. */
  readonly read: ((folder: string) => Promise<StuckReader>) | undefined;
}

export interface Field {
  readonly load: Load;
  /** What reads the server's output, where the trial has made it. */
  readonly reader: StuckReader | undefined;
  readonly pidfile: string;
  /** Where it serves; "" on a unix socket. */
  url: string;
  /** The arbiter's pid; another one after an upgrade. */
  arbiter: number;
  random(): number;
  /** The folder that the app's link names. */
  release: string;
  /** Moves the link to another folder with good code. */
  deploy(): void;
  removeRelease(path: string): void;
  /** Replaces the app's code. */
  write(code: string): void;
  workers(): number[];
  /** Signals the arbiter. */
  signal(name: NodeJS.Signals): void;
  log(): string;
  /** Waits until the log from the offset on matches. */
  waitForLog(pattern: RegExp, from: number): Promise<RegExpExecArray>;
  /** Signals the arbiter and waits until what it logs then matches. */
  tell(name: NodeJS.Signals, pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits until there are so many workers, the pool's size unless given. */
  settle(size?: number): Promise<void>;
  /** What the arbiter and its processes hold. */
  measure(): Promise<Holdings>;
  /** Stops the server gracefully. @throws where it does not end or leaves something behind */
  stop(): Promise<void>;
  /** Ends everything that is left, at once; with `keep` the log stays. */
  close(keep?: boolean): string | undefined;
}

export interface Holdings {
  readonly descriptors: number;
  readonly processes: number;
  /** Resident memory of the arbiter, in KiB: the least of some samples. */
  readonly memory: number;
}

/** Fields that were not closed yet. */
const open = new Set<Field>();

/** Ends everything, at once. */
export function closeAll(): void {
  for (const field of open) field.close();
}

/** Starts corn and the load. */
export async function openField(options: FieldOptions): Promise<Field> {
  const { runtime, seed, args, unix, tls, clients = CLIENTS } = options;
  const folder = mkdtempSync(join(tmpdir(), "corn-torture-"));
  const current = join(folder, "current");
  const app = join(current, "app.ts");
  const path = join(folder, "corn.sock");
  const pidfile = join(folder, "corn.pid");
  const mark = randomUUID();
  let output = () => "";
  const loads: Load[] = [];
  let releases = 0;

  /** Makes a release of good code and lets the link name it. */
  function deploy(): string {
    const release = join(folder, `release-${releases++}`);
    mkdirSync(release);
    writeFileSync(join(release, "app.ts"), GOOD);
    moveLink(current, release);
    return release;
  }

  function close(keep = false): string | undefined {
    killMarked(mark);
    for (const load of loads) signalIfAlive(load.pid, "SIGKILL");
    const log = keep ? join(tmpdir(), `${folder.split("/").pop()}.log`) : "";
    if (keep) writeFileSync(log, output());
    rmSync(folder, { recursive: true, force: true });
    open.delete(field);
    return keep ? log : undefined;
  }

  const reader = await options.read?.(folder);
  const field: Field = {
    get load() {
      return loads[0] as Load;
    },
    reader,
    pidfile,
    url: "",
    arbiter: 0,
    random: randomFrom(seed),
    release: deploy(),
    deploy: () => void (field.release = deploy()),
    removeRelease: (path) => rmSync(path, { recursive: true, force: true }),
    write(code) {
      // Never half a file: a worker may be about to load it.
      writeFileSync(`${app}.new`, code);
      renameSync(`${app}.new`, app);
    },
    workers: () => childrenOf(field.arbiter),
    signal: (name) => void process.kill(field.arbiter, name),
    log: () => output(),
    waitForLog(pattern, from) {
      return until(
        `${pattern} in the log`,
        () => pattern.exec(output().slice(from)),
        END_MS,
      );
    },
    tell(name, pattern) {
      const from = output().length;
      field.signal(name);
      return field.waitForLog(pattern, from);
    },
    async settle(size = WORKERS) {
      await until(
        `${size} workers`,
        () => field.workers().length === size,
        END_MS,
      );
    },
    async measure() {
      await field.settle();
      const samples: number[] = [];
      for (let count = 0; count < 10; count++) {
        await field.load.more(100);
        samples.push(memoryOf(field.arbiter));
      }
      return {
        descriptors: countDescriptors(field.arbiter),
        processes: markedWith(mark).length,
        memory: Math.min(...samples),
      };
    },
    async stop() {
      field.signal("SIGTERM");
      await until("the arbiter's end", () => !alive(field.arbiter), END_MS);
      await until("no process left", () => markedWith(mark).length === 0);
    },
    close,
  };
  open.add(field);
  const secure = tls ? secureIn(folder) : undefined;
  const server = await startServer(
    {
      // Threads load the app several times.
      deadlineMs: 90_000,
      ...reader && { wrapper: reader.wrapper },
      runtime,
      app: "app.ts",
      args: [
        ...["--chdir", current],
        ...["-w", String(WORKERS), "--keep-alive", String(KEEP_ALIVE)],
        ...["--pid", pidfile],
        ...secure?.args ?? [],
        ...args,
      ],
      defaults: false,
      env: { CORN_BIND: unix ? `unix:${path}` : "127.0.0.1:0" },
    },
    mark,
    [],
  );
  output = server.log;
  field.arbiter = server.pid;
  field.url = server.url;
  const url = unix ? { path } : server.url;
  loads.push(
    await startLoad({
      ...{ ...clients, url, ca: secure?.ca, seed },
      idleSeconds: KEEP_ALIVE,
    }),
  );
  return field;
}

/** Puts a certificate there, and gives the flags that serve it and what has signed it. */
function secureIn(folder: string): { args: string[]; ca: string } {
  const { ca, server: { cert, key } } = makeCertificates();
  const certfile = join(folder, "cert.pem");
  writeFileSync(certfile, cert + key, { mode: 0o600 });
  return { args: ["--certfile", certfile], ca };
}

/** The pid that a pid file holds, NaN for none. */
export function pidIn(path: string): number {
  try {
    return Number(readFileSync(path, "utf8").trim() || NaN);
  } catch {
    return NaN; // It is not there.
  }
}

function memoryOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Rss:\s+(\d+)/m.exec(text)?.[1]);
}
