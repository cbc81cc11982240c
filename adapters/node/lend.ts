/** Reading into one buffer for all connections. */
import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import type { Lend } from "../shared/servers/net-channel.ts";

/** What one read may bring, as libuv has it. */
const SIZE = 64 * 1024;

const bytes = Buffer.allocUnsafeSlow(SIZE);

/** Takes the first bytes of the buffer; false lets no more come. */
type Take = (count: number) => boolean;

/** Where a socket keeps its option `onread`, and the handle that it reads from. */
interface Reading {
  [field: symbol]: unknown;
  readonly _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
}

/**
 * Node allocates 64 KiB for each read and leaves what came of it to the
 * collector, which takes it back after some 64 MB (24.21, NODE-READ-BUFFERS).
 * The option `onread` reads into a buffer instead, and there is none for the
 * sockets of a server: they get what the option leaves in a socket that has it.
 * Undefined where it leaves nothing that is known.
 */
export function lender(): Lend | undefined {
  const take: Take = () => true;
  const sample = new Socket({ onread: { buffer: bytes, callback: take } });
  const fields = sample as unknown as Reading;
  const fieldOf = (value: unknown) =>
    Object.getOwnPropertySymbols(sample).find((one) => fields[one] === value);
  const bufferField = fieldOf(bytes);
  const callbackField = fieldOf(take);
  if (bufferField === undefined || callbackField === undefined) {
    return undefined;
  }
  const { buffer } = bytes;
  return (socket, onData) => {
    const reading = socket as unknown as Reading;
    if (reading._handle?.useUserBuffer === undefined) return false;
    reading._handle.useUserBuffer(bytes);
    reading[bufferField] = bytes;
    reading[callbackField] = (count: number) =>
      onData(new Uint8Array(buffer, 0, count));
    return true;
  };
}
