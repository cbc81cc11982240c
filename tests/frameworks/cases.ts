/** What people run, as its documentation starts it, and what is asked of it. */
import type { RuntimeName } from "../../src/runtime/runtime.ts";

/** Something to ask, and what its answer must hold. */
export interface Page {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly holds: string;
}

/** How a file is uploaded: as a form, or as the body itself. */
export type Upload =
  | {
    readonly path: string;
    readonly fields?: Readonly<Record<string, string>>;
    readonly name: string;
  }
  | { readonly path: string; readonly name?: undefined };

/** A WebSocket that sends back what it got. */
export type Echo =
  | { readonly path: string; readonly says: string; readonly hears: string }
  | "socket.io";

/** What is asked of each. */
export const QUESTIONS = [
  "answers",
  "files",
  "streams",
  "uploads",
  "websocket",
  "reload",
  "stop",
  "spans",
  "broadcast",
  "clients",
] as const;
export type Question = typeof QUESTIONS[number];

export interface FrameworkCase {
  readonly name: string;
  /** The package whose version is told. */
  readonly package: string;
  /** How its documentation starts it, in words. */
  readonly how: string;
  /** The file to start; left out where the form is not for a runtime. */
  readonly start: Readonly<Partial<Record<RuntimeName, string>>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The rest of these that it has; undefined for what it has not. */
  readonly hello: Page;
  /** A file of its public folder. */
  readonly file?: Page;
  readonly stream: Page | undefined;
  readonly upload: Upload | undefined;
  readonly echo: Echo | undefined;
  readonly slow: Page;
  /** What is known not to work on a runtime, and why. */
  readonly lacks?: Readonly<
    Partial<Record<RuntimeName, Readonly<Partial<Record<Question, string>>>>>
  >;
  /** What is worth knowing of it. */
  readonly note?: string;
}

const COMMON = {
  hello: { path: "/", holds: "hello" },
  stream: { path: "/stream", holds: "part 4" },
  upload: { path: "/upload", name: "file" },
  echo: { path: "/ws", says: "echo", hears: "echo" },
  slow: { path: "/slow", holds: "slow" },
} as const;

const FILE: Page = { path: "/file.txt", holds: "a file" };

/** WebSockets of an app that is exported: the forms that are for Node alone. */
function onNode(file: string): FrameworkCase["start"] {
  return { node: file };
}

function everywhere(file: string): FrameworkCase["start"] {
  return { node: file, bun: file, deno: file };
}

function each(name: string): FrameworkCase["start"] {
  return {
    node: `${name}-node.mjs`,
    bun: `${name}-bun.mjs`,
    deno: `${name}-deno.mjs`,
  };
}

function graphql(query: string): string {
  return `/graphql?query=${encodeURIComponent(query)}`;
}

/** The operations of GraphQL's multipart requests. */
const UPLOAD = {
  operations: JSON.stringify({
    query: "mutation ($file: File!) { upload(file: $file) }",
    variables: { file: null },
  }),
  map: JSON.stringify({ file: ["variables.file"] }),
};

export const cases: readonly FrameworkCase[] = [
  {
    ...COMMON,
    name: "Hono, exported",
    package: "hono",
    how: "`export default app`",
    start: everywhere("hono.mjs"),
    echo: undefined,
  },
  {
    ...COMMON,
    name: "Hono",
    package: "hono",
    how:
      "`serve()` of @hono/node-server with `websocket`; `export default { fetch, websocket }` on Bun; `Deno.serve(app.fetch)`",
    start: each("hono"),
  },
  {
    ...COMMON,
    name: "Hono, exported with WebSockets",
    package: "hono",
    how:
      "`export default { fetch, websocket: { server } }`, with `upgradeWebSocket` of @hono/node-server",
    start: onNode("hono-node-exported.mjs"),
  },
  {
    ...COMMON,
    name: "@hono/node-ws",
    package: "@hono/node-ws",
    how: "`serve(app)`, `injectWebSocket(server)`",
    start: everywhere("node-ws.mjs"),
  },
  {
    ...COMMON,
    name: "@hono/node-ws, exported",
    package: "@hono/node-ws",
    how: "`export const { injectWebSocket }`, `export default app`",
    start: onNode("node-ws-exported.mjs"),
  },
  {
    ...COMMON,
    name: "H3",
    package: "h3",
    how: "`serve(app)`, WebSockets by the plugin of crossws",
    start: everywhere("h3.mjs"),
  },
  {
    ...COMMON,
    name: "srvx",
    package: "srvx",
    how: "`serve({ fetch })`",
    start: everywhere("srvx.mjs"),
    echo: undefined,
  },
  {
    ...COMMON,
    name: "crossws",
    package: "crossws",
    how: "`serve({ fetch, websocket })` of crossws/server",
    start: everywhere("crossws.mjs"),
  },
  {
    ...COMMON,
    name: "Elysia",
    package: "elysia",
    how:
      "`app.listen(3000)`, with `@elysiajs/node` on Node; `Deno.serve(app.fetch)` on Deno",
    start: each("elysia"),
    lacks: {
      deno: {
        streams:
          "its generators give text, which Deno's streams refuse, without corn as well",
        websocket: "it has them on Node and Bun alone",
      },
    },
  },
  {
    ...COMMON,
    name: "Express",
    package: "express",
    how: "`app.listen(3000)`, with multer and `ws`",
    start: everywhere("express.mjs"),
  },
  {
    ...COMMON,
    name: "Fastify",
    package: "fastify",
    how:
      "`fastify.listen({ port: 3000 })`, with @fastify/multipart and @fastify/websocket",
    start: everywhere("fastify.mjs"),
  },
  {
    ...COMMON,
    name: "Koa",
    package: "koa",
    how: "`app.listen(3000)`, with `ws`",
    start: everywhere("koa.mjs"),
    upload: { path: "/upload" },
  },
  {
    ...COMMON,
    name: "Oak",
    package: "@oakserver/oak",
    how: "`app.listen({ port: 8000 })`",
    start: everywhere("oak.mjs"),
    upload: { path: "/upload" },
    echo: undefined,
    note: "the package of npm, which upgrades to no WebSocket",
  },
  {
    ...COMMON,
    name: "hapi",
    package: "@hapi/hapi",
    how: "`server.start()`",
    start: everywhere("hapi.mjs"),
    // It compresses by itself, in one piece.
    stream: { ...COMMON.stream, headers: { "accept-encoding": "identity" } },
    echo: undefined,
  },
  {
    ...COMMON,
    name: "Nest",
    package: "@nestjs/core",
    how: "`dist/main.js`, with a gateway by platform-ws and shutdown hooks",
    start: everywhere("nest/main.mjs"),
    echo: {
      path: "/ws",
      says: JSON.stringify({ event: "echo", data: "hi" }),
      hears: JSON.stringify({ event: "echo", data: "hi" }),
    },
    note:
      "on Deno without `enableShutdownHooks()`, which asks for SIGILL, and Deno refuses that",
  },
  {
    ...COMMON,
    name: "node:http and ws",
    package: "ws",
    how: "`new WebSocketServer({ server })`, `server.listen(8080)`",
    start: everywhere("ws.mjs"),
    upload: { path: "/upload" },
  },
  {
    ...COMMON,
    name: "ws, exported",
    package: "ws",
    how: "`export function upgrade(request, socket, head)` beside Hono's app",
    start: onNode("ws-exported.mjs"),
  },
  {
    ...COMMON,
    name: "Socket.IO",
    package: "socket.io",
    how: "`new Server(server)`, `server.listen(3000)`",
    start: everywhere("socket-io.mjs"),
    stream: undefined,
    upload: undefined,
    echo: "socket.io",
    note:
      'the client with `transports: ["websocket"]`: long polling wants one worker',
  },
  {
    ...COMMON,
    name: "Socket.IO, exported",
    package: "socket.io",
    how: "`new Server(server)`, `export default server`",
    start: everywhere("socket-io-exported.mjs"),
    stream: undefined,
    upload: undefined,
    echo: "socket.io",
  },
  {
    ...COMMON,
    name: "GraphQL Yoga",
    package: "graphql-yoga",
    how:
      "`createServer(yoga).listen(4000)`, `Bun.serve({ fetch: yoga })`, `Deno.serve(yoga.fetch)`",
    start: each("yoga"),
    hello: { path: graphql("{ hello }"), holds: "hello" },
    stream: {
      path: graphql("subscription { parts }"),
      headers: { accept: "text/event-stream" },
      holds: "part 4",
    },
    upload: { path: "/graphql", fields: UPLOAD, name: "file" },
    echo: undefined,
    slow: { path: graphql("{ slow }"), holds: "slow" },
  },
  {
    ...COMMON,
    name: "tRPC",
    package: "@trpc/server",
    how: "`createHTTPServer({ router }).listen(3000)`",
    start: everywhere("trpc.mjs"),
    hello: { path: "/hello", holds: "hello" },
    stream: { path: "/parts", holds: "part 4" },
    echo: undefined,
  },
];

/** One that is built first, from a folder of its own in `builds`. */
export interface BuildCase extends FrameworkCase {
  readonly folder: string;
  /** Commands of node_modules/.bin, or `cp`, one after the other. */
  readonly build: readonly (readonly [string, ...string[]])[];
}

export const builds: readonly BuildCase[] = [
  {
    ...COMMON,
    name: "Next.js",
    package: "next",
    how: "`.next/standalone/server.js`, with `public` beside it",
    folder: "next",
    build: [
      ["next", "build"],
      ["cp", "-r", "public", ".next/standalone/"],
    ],
    start: everywhere(".next/standalone/server.js"),
    echo: undefined,
    file: FILE,
  },
  {
    ...COMMON,
    name: "Nuxt",
    package: "nuxt",
    how: "`.output/server/index.mjs`",
    folder: "nuxt",
    build: [["nuxt", "build"]],
    start: everywhere(".output/server/index.mjs"),
    file: FILE,
  },
  {
    ...COMMON,
    name: "SvelteKit",
    package: "@sveltejs/kit",
    how: "`build/index.js` of adapter-node",
    folder: "sveltekit",
    // It takes half a mebibyte otherwise.
    env: { BODY_SIZE_LIMIT: "10M" },
    build: [["vite", "build"]],
    start: everywhere("build/index.js"),
    echo: undefined,
    file: FILE,
  },
  {
    ...COMMON,
    name: "Astro",
    package: "astro",
    how: "`dist/server/entry.mjs` of @astrojs/node, standalone",
    folder: "astro",
    build: [["astro", "build"]],
    start: everywhere("dist/server/entry.mjs"),
    echo: undefined,
    file: FILE,
  },
  {
    ...COMMON,
    name: "React Router",
    package: "react-router",
    how:
      "`server.js` with @react-router/express: react-router-serve is a command, and takes a build, not an app",
    folder: "react-router",
    build: [["react-router", "build"]],
    start: everywhere("server.js"),
    echo: undefined,
    file: FILE,
  },
];
