/** The door for those that only read: open while the settings say so, and to the end of a drain. */
import { explainAddress } from "../arbiter/sockets/explain-address.ts";
import { obstacleAt } from "../arbiter/sockets/unix-path.ts";
import { addressText, addressUrl } from "../base/addresses/address-text.ts";
import { BindError, messageOf } from "../base/errors.ts";
import { parseIp } from "../base/addresses/ip.ts";
import { isAbstract } from "../base/addresses/unix-names.ts";
import type { Settings } from "../config/table/types.ts";
import type { AdminSource } from "../control/admin/routes.ts";
import type { Route } from "../control/door/route.ts";
import { openDoor } from "../control/door/open-door.ts";
import type { Door } from "../control/door/open-door.ts";
import type { Logger } from "../log/error/logger.ts";
import type { Address, Runtime } from "../runtime/runtime.ts";

/** Until an address that the arbiter before this one holds is tried again. */
const RETRY_MS = 100;

export interface AdminDoorOptions {
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly source: AdminSource;
  /** What answers with the status; undefined where nothing keeps it. */
  status(): Promise<Route> | undefined;
  /** True while the arbiter before this one lives. */
  hasPredecessor(): boolean;
  /** Resolves once corn serves. */
  whole(): Promise<void>;
}

/** What decides how it is opened. */
type AdminSettings = Pick<Settings, "admin" | "adminStatus" | "unixMode">;

export class AdminDoor {
  readonly #options: AdminDoorOptions;
  #settings: AdminSettings | undefined;
  /** True while another arbiter has the address. */
  #yielded = false;
  #door: Door | undefined;
  #address: Address | undefined;
  /** What is done is done one after the other. */
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: AdminDoorOptions) {
    this.#options = options;
  }

  /** Opens where the settings say, in the place of where it was. @throws BindError where it cannot; the old one stays then */
  configure(settings: AdminSettings): Promise<void> {
    return this.#queue(async () => {
      if (!this.#yielded) await this.#open(settings);
      this.#settings = settings;
    });
  }

  /** Leaves the address to another arbiter. */
  yield(): Promise<void> {
    this.#yielded = true;
    return this.#queue(() => this.#close());
  }

  /** Takes it again. */
  async reopen(): Promise<void> {
    this.#yielded = false;
    if (this.#settings === undefined) return;
    try {
      await this.configure(this.#settings);
    } catch (error) {
      this.#options.log.error(messageOf(error));
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#queue(() => this.#close());
  }

  #queue(run: () => Promise<void>): Promise<void> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => {});
    return done;
  }

  async #open({ admin, adminStatus, unixMode }: AdminSettings): Promise<void> {
    if (this.#closed) return;
    const isThere = this.#door?.isNamed() !== false;
    if (same(admin, this.#address) && isThere) return;
    const before = this.#door;
    if (admin === undefined) return await this.#close();
    const door = await this.#openAt(admin, unixMode);
    this.#door = door;
    this.#address = admin;
    await before?.close();
    if (door === undefined) return;
    const { log, whole } = this.#options;
    // A deploy may replace the code on disk before anybody asks.
    whole().then(() => door.prepare(), () => {});
    log.info(`Metrics and health at ${addressUrl(door.address)}`);
    if (isExposed(door.address)) {
      log.warning(
        `--admin ${
          addressText(door.address)
        } is not on the loopback: whoever reaches it can read /metrics, /health${
          adminStatus ? ", /v1/status" : ""
        } and /ready, over plain HTTP`,
      );
    }
  }

  async #openAt(
    address: Address,
    unixMode: number,
  ): Promise<Door | undefined> {
    const { runtime, log, source, hasPredecessor } = this.#options;
    while (!this.#closed) {
      const taken = hasPredecessor();
      await this.#demandFree(address, taken);
      try {
        return await openDoor(runtime, address, {
          routes: async () => {
            const [{ adminRoutes, onlyWhere }, status] = await Promise.all([
              import("../control/admin/routes.ts"),
              this.#options.status(),
            ]);
            const shown = () => this.#settings?.adminStatus === true;
            return [
              ...adminRoutes(source),
              ...status ? [onlyWhere(shown, status)] : [],
            ];
          },
          readOnly: true,
          unixMode,
          exclusive: !taken,
          // Names that others reach it by are not known here.
          hosts: isExposed(address) ? "any" : [],
          report: (text) => log.warning(text),
        });
      } catch (cause) {
        if (!taken || (cause as { code?: string }).code !== "EADDRINUSE") {
          const { files } = runtime;
          const flag = "--admin";
          throw refusal(
            address,
            explainAddress(address, cause, { files, flag }),
            {
              cause,
            },
          );
        }
      }
      // It leaves the address once it knows that this arbiter serves.
      await new Promise<void>((resolve) =>
        void runtime.clock.after(RETRY_MS, resolve)
      );
    }
    return undefined;
  }

  /** A unix socket takes the place of what has its name: it must be this arbiter's to take. @throws BindError */
  async #demandFree(address: Address, taken: boolean): Promise<void> {
    if (address.kind !== "unix" || isAbstract(address.path)) return;
    const { files, answers } = this.#options.runtime;
    const obstacle = await obstacleAt(address.path, {
      files,
      answers: (one) => taken ? Promise.resolve(false) : answers(one),
    });
    if (obstacle !== undefined) throw refusal(address, obstacle);
  }

  async #close(): Promise<void> {
    const door = this.#door;
    this.#door = undefined;
    this.#address = undefined;
    await door?.close();
  }
}

function refusal(
  address: Address,
  reason: string,
  options?: ErrorOptions,
): BindError {
  return new BindError(
    `Cannot open --admin ${addressText(address)}: ${reason}`,
    options,
  );
}

function same(one: Address | undefined, other: Address | undefined): boolean {
  return one === undefined || other === undefined
    ? one === other
    : addressText(one) === addressText(other);
}

/** True where others than this machine's may reach it. */
function isExposed(address: Address): boolean {
  if (address.kind === "unix") return false;
  const { host } = address;
  return host !== "localhost" && host !== "::1" &&
    !(parseIp(host) !== undefined && host.startsWith("127."));
}
