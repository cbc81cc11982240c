/** The addresses that are served: opened once, kept as long as a generation wants them. */
import { isAbstract } from "../../base/addresses/unix-names.ts";
import {
  addressKey,
  addressOf,
  type Bind,
  formatAddress,
} from "../../config/values/address.ts";
import { BindError } from "../../base/errors.ts";
import type {
  Address,
  Listener,
  Runtime,
  UnixAccess,
} from "../../runtime/runtime.ts";
import { explainAddress } from "./explain-address.ts";
import type { HandedAddress } from "./handed-address.ts";
import { inheritListener } from "./inherited.ts";
import { kindOf, obstacleAt } from "./unix-path.ts";
import type { Sharing } from "./sharing.ts";

/** Where listeners come from, and which other arbiter may have them. */
export interface ListenersOptions {
  readonly runtime: Runtime;
  /** Addresses that the arbiter before this one handed over. */
  readonly handed: readonly HandedAddress[];
  /** True while another arbiter serves the same addresses: then the names of unix sockets stay. */
  shared(): boolean;
}

/** What is the same for every address. */
export interface OpenOptions extends UnixAccess {
  readonly backlog: number;
}

/** An address as it was asked for, and what was opened for it. */
export interface OpenListener {
  readonly asked: Bind;
  readonly listener: Listener;
  readonly sharing: Sharing;
  /** True where this process got it from another, which may have listened on it. */
  readonly taken: boolean;
}

export class Listeners {
  readonly #runtime: Runtime;
  readonly #shared: () => boolean;
  readonly #open = new Map<string, OpenListener>();
  readonly #handed: Map<string, HandedAddress>;
  /** Unix sockets that nothing here wants any more, while another arbiter has their names too. */
  readonly #left = new Map<string, Listener>();
  /** Unix sockets whose names were removed, and others opened in their place: in use until their workers have left. */
  readonly #nameless = new Set<OpenListener>();

  constructor({ runtime, handed, shared }: ListenersOptions) {
    this.#runtime = runtime;
    this.#shared = shared;
    this.#handed = new Map(handed.map((one) => [one.asked, one]));
  }

  /** Every address that is open. */
  list(): OpenListener[] {
    return [...this.#open.values()];
  }

  /** Opens an address, or gives the one that is open already. @throws BindError */
  async open(
    asked: Exclude<Bind, { kind: "fd" }>,
    sharing: Sharing,
    options: OpenOptions,
  ): Promise<OpenListener> {
    const key = addressKey(asked);
    const known = this.#open.get(key) ?? this.#claim(asked);
    if (known !== undefined && !this.#hasLostName(known)) {
      return await grow(known, sharing);
    }
    if (asked.kind === "unix" && !isAbstract(asked.path)) {
      await this.#clearPath(asked.path);
    }
    let listener: Listener;
    try {
      listener = sharing.held || asked.kind === "tcp"
        ? await this.#runtime.listen(addressOf(asked), {
          ...options,
          ...sharing,
        })
        : this.#leaveToWorker(asked.path);
    } catch (cause) {
      throw new BindError(this.#explain(asked, cause), { cause });
    }
    const open = { asked, listener, sharing, taken: false };
    this.#open.set(key, open);
    if (known !== undefined) this.#nameless.add(known);
    return open;
  }

  /** True where nothing stands at the name of a unix socket any more: no client can connect to it. */
  #hasLostName({ listener: { address, queues } }: OpenListener): boolean {
    return address.kind === "unix" && !isAbstract(address.path) &&
      // Workers that bind for themselves make the name anew; and while another
      // arbiter has the socket too, the name is for both.
      queues.length > 0 && !this.#shared() &&
      kindOf(address.path, this.#runtime.files) === undefined;
  }

  /** Takes a listening socket that corn was started with. @throws BindError */
  inherit(asked: Bind & { kind: "fd" }): OpenListener {
    const key = addressKey(asked);
    const known = this.#open.get(key) ?? this.#claim(asked);
    if (known !== undefined) return known;
    const listener = inheritListener(asked.descriptor, this.#runtime.files);
    const sharing = { held: true, queues: 1, reusePort: false };
    const open = { asked, listener, sharing, taken: true };
    this.#open.set(key, open);
    return open;
  }

  /** Closes every address that is not in the list. */
  closeOthers(wanted: readonly OpenListener[]): void {
    for (const [key, open] of this.#open) {
      // What this process was started with it could not open again.
      if (wanted.includes(open) || open.asked.kind === "fd") continue;
      this.#open.delete(key);
      this.#close(key, open.listener);
    }
    for (const open of this.#nameless) {
      const key = addressKey(open.asked);
      // It removes no name but its own.
      if (!wanted.includes(open)) open.listener.close();
      // A reload that failed took the socket with the name along.
      else if (!this.#open.has(key)) this.#open.set(key, open);
      else continue;
      this.#nameless.delete(open);
    }
  }

  /** Closes what was handed over and not opened: the config has changed since. */
  closeUnclaimed(): void {
    for (const [key, { address, descriptors }] of this.#handed) {
      this.#close(key, this.#runtime.inherit(address, descriptors));
    }
    this.#handed.clear();
  }

  /** Closes what was left to another arbiter, once there is none. */
  closeLeft(): void {
    if (this.#shared()) return;
    for (const listener of this.#left.values()) listener.close();
    this.#left.clear();
  }

  /** Closing a unix socket removes its name, which is still another arbiter's. */
  #close(key: string, listener: Listener): void {
    if (!this.#leavesName(listener.address)) listener.close();
    else this.#left.set(key, listener);
  }

  #leavesName({ kind }: Address): boolean {
    return kind === "unix" && this.#shared();
  }

  /** Takes over what the arbiter before this one had opened for the address, or what was left to another. */
  #claim(asked: Bind): OpenListener | undefined {
    const key = addressKey(asked);
    const listener = this.#left.get(key) ?? this.#inherited(key);
    if (listener === undefined) return undefined;
    this.#left.delete(key);
    const queues = listener.queues.length;
    const sharing = { held: queues > 0, queues, reusePort: queues !== 1 };
    const open = { asked, listener, sharing, taken: true };
    this.#open.set(key, open);
    return open;
  }

  #inherited(key: string): Listener | undefined {
    const handed = this.#handed.get(key);
    if (handed === undefined) return undefined;
    this.#handed.delete(key);
    return this.#runtime.inherit(handed.address, handed.descriptors);
  }

  /** A unix socket's name, which the worker makes and the arbiter removes. */
  #leaveToWorker(path: string): Listener {
    const { files } = this.#runtime;
    return {
      address: { kind: "unix", path },
      queues: [],
      close: () => files.remove(path),
    };
  }

  /** Removes a name that a dead server left behind, and never a living one's. */
  async #clearPath(path: string): Promise<void> {
    const obstacle = await obstacleAt(path, this.#runtime);
    if (obstacle !== undefined) {
      throw new BindError(`Cannot bind "unix:${path}": ${obstacle}`);
    }
    const { files } = this.#runtime;
    if (kindOf(path, files) === "socket") files.remove(path);
  }

  #explain(address: Address, cause: unknown): string {
    const { files } = this.#runtime;
    const reason = explainAddress(address, cause, { files, flag: "--bind" });
    return `Cannot bind "${formatAddress(address)}": ${reason}`;
  }
}

/** Adds the queues that a larger pool asks for; those that a smaller one does not need stay, for connections wait in them. */
async function grow(
  open: OpenListener,
  { queues }: Sharing,
): Promise<OpenListener> {
  const { listener, sharing } = open;
  if (sharing.held && sharing.reusePort && queues > listener.queues.length) {
    await listener.grow?.(queues);
  }
  return open;
}
