/** The beginning of a connection that a proxy opens with a PROXY header. */
import type { PeerTest } from "../../base/addresses/networks.ts";
import { peerName } from "../../base/addresses/address-text.ts";
import { ProxyHeaderReader } from "./proxy-header.ts";
import type { ProxyVersions } from "./proxy-header.ts";
import type { Channel, ChannelEvents } from "../../runtime/transport.ts";

/** A connection that an engine holds to its times. */
export interface TimedConnection extends ChannelEvents {
  check(now: number): void;
  /** Ends it now. */
  cut(): void;
}

/** What all handshakes of an engine share. */
export interface HandshakeHost {
  readonly versions: ProxyVersions;
  readonly trusts: PeerTest;
  /** How long a header may take; 0 for any time. */
  headerMs(): number;
  now(): number;
  /** Called with the reason where a connection was closed. */
  onRefusal(text: string): void;
  /** Makes the connection that follows its header and takes the place of the handshake. */
  enter(handshake: ProxyHandshake, channel: Channel): TimedConnection;
  /** The connection is gone, and its header never came. */
  onClose(handshake: ProxyHandshake): void;
}

export class ProxyHandshake implements TimedConnection {
  readonly #channel: Channel;
  readonly #host: HandshakeHost;
  readonly #reader: ProxyHeaderReader;
  readonly #since: number;
  #next: TimedConnection | undefined;
  #closed = false;

  constructor(channel: Channel, host: HandshakeHost) {
    this.#channel = channel;
    this.#host = host;
    this.#reader = new ProxyHeaderReader(host.versions);
    this.#since = host.now();
  }

  onData(bytes: Uint8Array): void {
    if (this.#next !== undefined) return this.#next.onData(bytes);
    if (this.#closed) return;
    if (!this.#reader.underway && !this.#host.trusts(this.#channel.peer())) {
      return this.#refuse("it is not in --proxy-allow-from");
    }
    const at = this.#reader.push(bytes, 0);
    const { problem, peer, unnamed } = this.#reader;
    if (problem !== undefined) return this.#refuse(`it sent ${problem}`);
    if (at === -1) return;
    if (peer !== undefined) this.#channel.setPeer(peer);
    if (unnamed) this.#channel.unnamed = true;
    this.#next = this.#host.enter(this, this.#channel);
    const channel = this.#channel;
    if (channel.startTls !== undefined) channel.startTls(bytes.subarray(at));
    else if (at < bytes.length) this.#next.onData(bytes.subarray(at));
  }

  onDrain(): void {
    this.#next?.onDrain();
  }

  onEnd(): void {
    if (this.#next !== undefined) return this.#next.onEnd();
    if (this.#closed) return;
    if (this.#reader.underway) {
      return this.#refuse("its PROXY header broke off");
    }
    // A connection without data is a health check: no log line.
    this.#close();
  }

  onClose(): void {
    this.#closed = true;
    if (this.#next !== undefined) return this.#next.onClose();
    this.#host.onClose(this);
  }

  check(now: number): void {
    const ms = this.#host.headerMs();
    if (this.#closed || ms === 0 || now - this.#since < ms) return;
    if (!this.#reader.underway) return this.#close();
    this.#refuse("its PROXY header took too long");
  }

  cut(): void {
    this.#channel.cut(true);
  }

  #refuse(reason: string): void {
    const name = peerName(this.#channel.peer());
    this.#host.onRefusal(`Closed a connection from ${name}: ${reason}`);
    this.#close();
  }

  #close(): void {
    this.#closed = true;
    this.#channel.cut(false);
  }
}
