/** A raw HTTP client over TLS. */
import { connect as connectPlain } from "node:net";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { within } from "../wait.ts";
import { RawClient } from "./client.ts";
import type { Target } from "./client.ts";

/** A client and what it speaks TLS with. */
export interface SecureClient {
  readonly client: RawClient;
  readonly socket: TLSSocket;
}

/** Sends some bytes first, then makes the handshake. @throws where it fails */
export async function connectSecure(
  target: Target,
  { preface, ...options }: ConnectionOptions & {
    readonly preface?: string | Uint8Array;
  },
): Promise<SecureClient> {
  const socket = connect({
    servername: "localhost",
    ...{ allowHalfOpen: true },
    ...options,
    ...(preface === undefined ? target : { socket: open(target, preface) }),
  } as ConnectionOptions);
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The server closed")));
  });
  const client = RawClient.over(socket);
  await within("a handshake", connected);
  return { client, socket };
}

function open(target: Target, preface: string | Uint8Array): Socket {
  const socket = connectPlain(target);
  socket.write(preface);
  return socket;
}
