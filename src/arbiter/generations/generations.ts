/** The generations that have workers, and the addresses they are served on. */
import { addressText, addressUrl } from "../../base/addresses/address-text.ts";
import {
  addressKey,
  addressOf,
  sameAddress,
  schemeOf,
} from "../../config/values/address.ts";
import type { Bind } from "../../config/values/address.ts";
import type { Config } from "../../config/table/types.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { HandedAddress } from "../sockets/handed-address.ts";
import type { QueueNow } from "../../telemetry/pool-now.ts";
import { sharesQueue } from "../../plan/worker-class.ts";
import { CertificateKeeper } from "../certificates/keeper.ts";
import type { ServedCertificate } from "../certificates/material.ts";
import type { KeptCertificates } from "../certificates/kept.ts";
import { prepareAccessFile } from "./access-file.ts";
import { prepareCompileCache } from "./compile-cache.ts";
import { prepareGeneration } from "./generation.ts";
import type { Generation, GenerationTls, Prepared } from "./generation.ts";
import {
  checkDescriptorLimit,
  readDescriptorLimit,
} from "../sockets/descriptor-limit.ts";
import { Listeners } from "../sockets/listeners.ts";
import type { ListenersOptions, OpenListener } from "../sockets/listeners.ts";
import type { Names } from "./names.ts";
import { QueueGauges } from "./queue-gauges.ts";
import { decideSharing, describeSharing } from "../sockets/sharing.ts";
import type { Sockets } from "../pool/state.ts";

export interface GenerationsOptions extends ListenersOptions {
  /** Listening sockets that a service manager passed. */
  readonly passed: readonly Bind[];
  /** What everything is looked for by. */
  readonly names: Names;
  readonly log: Pick<Logger, "info" | "warning" | "error" | "debug">;
  /** Tells the workers that were given these certificates what they are now; `done` is called once they have them. */
  rekey?(kept: KeptCertificates, done?: () => void): void;
}

export class Generations {
  readonly #options: GenerationsOptions;
  readonly #listeners: Listeners;
  readonly #certificates: CertificateKeeper;
  readonly #all = new Map<number, Generation>();
  /** Listeners that the log has, as it has them. */
  readonly #announced = new WeakMap<OpenListener, string>();
  readonly #gauges: QueueGauges;
  #lastSockets = 0;

  constructor(options: GenerationsOptions) {
    this.#options = options;
    this.#listeners = new Listeners(options);
    this.#gauges = new QueueGauges(options.runtime);
    this.#certificates = new CertificateKeeper({
      ...options,
      tell: (kept, done) => options.rekey?.(kept, done),
    });
  }

  /** Every address that is open, for an arbiter that takes over. */
  handover(): HandedAddress[] {
    const { passed } = this.#options;
    return this.#listeners.list().map(({ asked, listener }) => ({
      asked: addressKey(asked),
      address: listener.address,
      descriptors: listener.queues,
      passed: passed.some((bind) => sameAddress(bind, asked)),
    }));
  }

  /** Closes what was handed over and is not wanted. */
  closeUnclaimed(): void {
    this.#listeners.closeUnclaimed();
  }

  /** Closes what was left to another arbiter, once there is none. */
  closeLeft(): void {
    this.#listeners.closeLeft();
  }

  /** The generation of a number that was opened and is not closed. */
  get(number: number): Generation {
    const generation = this.#all.get(number);
    if (generation === undefined) {
      throw new RangeError(`Cannot get generation ${number}: it is closed`);
    }
    return generation;
  }

  /** Makes a config real: finds app and runtime, opens the addresses that are new. @throws CornError */
  async open(number: number, config: Config): Promise<Generation> {
    const { runtime, names, log } = this.#options;
    const prepared = await prepareGeneration(config, runtime, names);
    checkDescriptorLimit(readDescriptorLimit(runtime.files), {
      workers: prepared.most,
      threads: prepared.copies,
    });
    prepareAccessFile(prepared, runtime);
    const compileCache = prepareCompileCache(prepared, runtime, (reason) => {
      log.debug(reason);
    });
    const { passed } = this.#options;
    const kept = this.#certificates.open(config, prepared.release.runtime);
    const listeners: OpenListener[] = [];
    // As with Gunicorn, sockets that a service manager opened stand for all others.
    for (const bind of passed.length > 0 ? passed : config.settings.bind) {
      listeners.push(await this.#openBind(bind, prepared));
    }
    const sockets = this.#socketsOf(listeners);
    const generation = {
      ...prepared,
      listeners,
      ...(kept && { tls: { kept, secure: secureOf(listeners, config) } }),
      sockets,
      compileCache,
    };
    this.#all.set(number, generation);
    this.#gauges.keep(generation);
    return generation;
  }

  async #openBind(bind: Bind, prepared: Prepared): Promise<OpenListener> {
    if (bind.kind === "fd") return this.#listeners.inherit(bind);
    const { backlog, unixMode, reusePort, queues } = prepared.config.settings;
    const { unixOwner } = prepared;
    const sharing = decideSharing({
      address: addressOf(bind),
      arbiterHolds: this.#options.runtime.holdsListeners,
      workerRuntime: prepared.release.runtime,
      workers: prepared.most,
      reusePort,
      queues,
      preferOne: sharesQueue(prepared.config),
    });
    return await this.#listeners.open(bind, sharing, {
      backlog,
      unixMode,
      unixOwner,
    });
  }

  #socketsOf(listeners: readonly OpenListener[]): Sockets {
    const served = new Set<OpenListener>();
    const queues = Math.max(
      0,
      ...listeners.map(({ listener }) => listener.queues.length),
    );
    for (const known of this.#all.values()) {
      const same = known.listeners.length === listeners.length &&
        known.listeners.every((one, index) => one === listeners[index]);
      if (same) return { ...known.sockets, queues };
      for (const one of known.listeners) served.add(one);
    }
    return {
      id: ++this.#lastSockets,
      queues,
      fresh: !listeners.some((one) => one.taken || served.has(one)),
    };
  }

  /** Drops all other generations, and closes the addresses that only they had. */
  closeOthers(numbers: ReadonlySet<number>): void {
    for (const number of this.#all.keys()) {
      if (!numbers.has(number)) this.#all.delete(number);
    }
    const left = [...this.#all.values()];
    this.#gauges.closeOthers(left.map(({ sockets }) => sockets.id));
    this.#certificates.closeOthers(left.flatMap(({ tls }) => tls?.kept ?? []));
    this.#listeners.closeOthers(left.flatMap(({ listeners }) => listeners));
  }

  /** What waits in the queues that are served, by the id of their sockets; undefined where the system does not tell. */
  countQueues(): Record<number, readonly number[]> | undefined {
    return this.#gauges.count([...this.#all.values()]);
  }

  /** Connections that wait in all TCP queues of a generation; undefined where the system does not tell. */
  backlog(number: number): number | undefined {
    return this.#gauges.backlog(this.#all.get(number)?.listeners ?? []);
  }

  /** Connections that wait in each TCP queue of a generation; empty where the system does not tell. */
  queues(number: number): QueueNow[] {
    return this.#gauges.list(this.#all.get(number)?.listeners ?? []);
  }

  /** Where a generation serves; nowhere once it is closed. */
  addressesOf(number: number): string[] {
    const { listeners = [], tls } = this.#all.get(number) ?? {};
    return listeners.map((open) => urlOf(open, tls));
  }

  /** The same with what waits in their queues. */
  listenersOf(number: number): ListenerNow[] {
    const { listeners = [], tls } = this.#all.get(number) ?? {};
    const all = this.queues(number);
    return listeners.map((open) => {
      const text = addressText(open.listener.address);
      return {
        address: urlOf(open, tls),
        queues: all.filter((one) => one.address === text)
          .map(({ queue, waiting }) => ({ queue, waiting })),
      };
    });
  }

  /** The certificates that a generation's workers have; none where they speak no TLS. */
  certificatesOf(number: number): readonly ServedCertificate[] {
    return this.#all.get(number)?.tls?.kept.certificates ?? [];
  }

  /** Says where a generation serves, each address once. */
  logAddresses(number: number): void {
    const { listeners, tls } = this.get(number);
    for (const open of listeners) {
      const url = urlOf(open, tls);
      if (this.#announced.get(open) === url) continue;
      this.#announced.set(open, url);
      this.#options.log.info(
        `Listening at ${url} (${describeSharing(open.sharing)})`,
      );
    }
  }
}

/** Which of them speak TLS. */
function secureOf(
  listeners: readonly OpenListener[],
  { settings }: Config,
): OpenListener[] {
  return listeners.filter(({ asked, listener: { address } }) => {
    if (address.kind === "unix") return false;
    const said = settings.bind.find((bind) =>
      // Of a socket that was passed the bind of its port tells the scheme.
      asked.kind === "fd"
        ? bind.kind === "tcp" && bind.port === address.port
        : addressKey(bind) === addressKey(asked)
    );
    return schemeOf(said ?? asked, settings) === "https";
  });
}

function urlOf(open: OpenListener, tls: GenerationTls | undefined): string {
  const secure = tls?.secure.includes(open) ?? false;
  return addressUrl(open.listener.address, secure ? "https" : "http");
}

/** An address, and what waits in its queues; none where the system does not tell. */
export interface ListenerNow {
  readonly address: string;
  readonly queues: readonly Omit<QueueNow, "address">[];
}
