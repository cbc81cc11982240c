/** The clients of TLS that people have, each as it comes. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import type { Buffer } from "node:buffer";
import * as assert from "../support/assert.ts";
import { makeCertificates } from "../support/certificates.ts";
import { connectSecure } from "../support/client/secure.ts";
import { helperNode, runtimeName } from "../support/process/command.ts";
import { findProgram } from "../support/machine/program.ts";
import { promises } from "../support/promise.ts";
import { until } from "../support/wait.ts";

const clients = promises("clients of TLS", "openssl");

/** Tells what the connection is. */
const APP = `export default {
  fetch(_request, _env, { tls }) {
    const { protocol, servername, authorized } = tls;
    const subject = tls.peerCertificate()?.subject;
    return Response.json({ protocol, servername, authorized, subject, pid: process.pid });
  },
};
`;

const ASK = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

const NODE = `
const { get } = require("node:https");
const { readFileSync } = require("node:fs");
const [url, ca, cert, key] = process.argv.slice(1);
const options = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
get(url, options, (answer) => answer.pipe(process.stdout));
`;

const PYTHON = `
import ssl, sys, urllib.request
url, ca, cert, key = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(cert, key)
print(urllib.request.urlopen(url, context=context).read().decode())
`;

const GO = `package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
)

func try(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	url, ca, cert, key := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	pem, err := os.ReadFile(ca)
	try(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(cert, key)
	try(err)
	config := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	answer, err := client.Get(url)
	try(err)
	_, err = io.Copy(os.Stdout, answer.Body)
	try(err)
}
`;

/** Where it all is. */
interface Place {
  readonly url: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The program's text for Go. */
  readonly go: string;
}

interface Client {
  readonly program: string | undefined;
  args(place: Place): readonly string[];
  readonly input?: string;
  /** What it is given besides, as the folder of what Go builds. */
  env?(place: Place): Readonly<Record<string, string>>;
}

const given = ({ url, ca, cert, key }: Place) => [url, ca, cert, key];

const CLIENTS: Readonly<Record<string, Client>> = {
  "openssl s_client": {
    program: findProgram("openssl"),
    input: ASK,
    args: ({ port, ca, cert, key }) => [
      ...["s_client", "-quiet", "-verify_return_error", "-CAfile", ca],
      ...["-cert", cert, "-key", key, "-servername", "localhost"],
      ...["-connect", `127.0.0.1:${port}`],
    ],
  },
  "openssl s_client of TLS 1.2": {
    program: findProgram("openssl"),
    input: ASK,
    args: ({ port, ca, cert, key }) => [
      ...["s_client", "-quiet", "-verify_return_error", "-CAfile", ca],
      ...["-cert", cert, "-key", key, "-servername", "localhost", "-tls1_2"],
      ...["-connect", `127.0.0.1:${port}`],
    ],
  },
  curl: {
    program: findProgram("curl"),
    args: ({ url, ca, cert, key }) => [
      ...["-sS", "--cacert", ca, "--cert", cert, "--key", key, url],
    ],
  },
  "node:https": {
    program: helperNode,
    args: (at) => ["-e", NODE, ...given(at)],
  },
  python3: {
    program: findProgram("python3"),
    args: (at) => ["-c", PYTHON, ...given(at)],
  },
  go: {
    program: findProgram("go"),
    args: (at) => ["run", at.go, ...given(at)],
    env: ({ go }) => ({ GOCACHE: join(go, "..", "cache"), GO111MODULE: "off" }),
  },
};

function run(
  { program = "", args, input, env }: Client,
  place: Place,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args(place), {
      timeout: 150_000,
      env: { ...process.env, ...env?.(place) },
    }, (error, output) => error === null ? resolve(output) : reject(error));
    // What is quiet ends with its connection, not with what it is told.
    if (input !== undefined) child.stdin?.write(input);
  });
}

clients(
  "those that are there are answered, show their certificates, and come back by tickets",
  async ({ write, start, forgive, folder }) => {
    const made = makeCertificates();
    const server = await start({
      ...{ app: write("app.mjs", APP), deadlineMs: 60_000 },
      args: [
        ...["-w", "2", "-b", "https://127.0.0.1:0", "--no-control"],
        ...[
          "--certfile",
          write("both.pem", made.server.cert + made.server.key),
        ],
        ...["--ca-certs", write("ca.pem", made.ca), "--cert-reqs", "optional"],
      ],
    });
    forgive(join(folder, "cache"));
    const place: Place = {
      url: `https://localhost:${server.port}/`,
      port: server.port,
      ca: write("ca.pem", made.ca),
      cert: write("client.pem", made.client.cert),
      key: write("client.key", made.client.key),
      go: write("client.go", GO),
    };
    for (const [name, client] of Object.entries(CLIENTS)) {
      if (client.program === undefined) {
        console.log(`\n# skip ${name}: it is not installed`);
        continue;
      }
      const said = /\{.*\}/.exec(await run(client, place))?.[0] ?? "{}";
      const { pid: _, ...told } = JSON.parse(said);
      assert.equal(told, {
        protocol: name.endsWith("1.2") ? "TLSv1.2" : "TLSv1.3",
        servername: "localhost",
        authorized: true,
        subject: "CN=client",
      }, name);
    }
    // Elsewhere workers take their own tickets at most.
    if (runtimeName !== "node") return;
    const target = { host: "127.0.0.1", port: server.port };
    const pids = new Set<number>();
    let session: Buffer | undefined;
    await until("both workers", async () => {
      const { client, socket } = await connectSecure(target, {
        ...{ ca: made.ca, session, ...made.client },
      });
      const known = session !== undefined;
      socket.once("session", (bytes: Buffer) => session ??= bytes);
      const { text } = await client.request("/");
      pids.add(JSON.parse(text).pid);
      await until("a ticket", () => session);
      if (known) assert.ok(socket.isSessionReused());
      client.close();
      return pids.size === 2;
    }, 30_000);
  },
  { deadlineMs: 240_000 },
);

clients.run();
