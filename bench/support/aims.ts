/** What corn wants to reach beside others, and beside itself with more to do. */
import type { RuntimeName } from "./commands.ts";

/**
 * The servers: `own` is the app on the runtime's own server, `asking` the same
 * where each request is asked for its Host and URL, which corn must judge, `bare`
 * that server with the least handler, `corn` corn as it comes, `native` and `wire` with that
 * engine, `combined` and `json` with an access log, `metrics` with --metrics,
 * `other corn` another checkout.
 */
export type SideName =
  | "own"
  | "asking"
  | "bare"
  | "corn"
  | "native"
  | "wire"
  | "combined"
  | "json"
  | "metrics"
  | "other corn";

export type Figure = "perSecond" | "cpuUs" | "p99Ms";

/** A ratio of two sides' figures, and what it should be: at least for `perSecond`, at most for the others. */
export interface Aim {
  readonly runtime: RuntimeName;
  readonly case: string;
  readonly figure: Figure;
  readonly side: SideName;
  readonly to: SideName;
  readonly wanted: number;
}

/** What a runtime does by itself: as many requests, in nearly the same processor time, as soon. */
function asItself(runtime: RuntimeName, name: string): Aim[] {
  const ratio = { runtime, case: name, side: "corn", to: "own" } as const;
  return [
    { ...ratio, figure: "perSecond", wanted: 1 },
    { ...ratio, figure: "cpuUs", wanted: 1.03 },
    { ...ratio, figure: "p99Ms", wanted: 1 },
    // What the least of it takes alone.
    { ...ratio, side: "asking", figure: "cpuUs", wanted: 1.03 },
  ];
}

function rate(
  runtime: RuntimeName,
  name: string,
  { side, to, wanted }: Pick<Aim, "side" | "to" | "wanted">,
): Aim {
  return { runtime, case: name, figure: "perSecond", side, to, wanted };
}

export const AIMS: readonly Aim[] = [
  rate("node", "hello", { side: "corn", to: "bare", wanted: 1.7 }),
  rate("node", "hello", { side: "corn", to: "own", wanted: 2 }),
  rate("node", "hello", { side: "combined", to: "corn", wanted: 0.95 }),
  rate("node", "hello", { side: "json", to: "corn", wanted: 0.95 }),
  rate("node", "hello", { side: "metrics", to: "corn", wanted: 0.97 }),
  rate("node", "Hono route", { side: "corn", to: "own", wanted: 2 }),
  rate("node", "JSON of 10 kB", { side: "corn", to: "own", wanted: 1 }),
  rate("node", "stream of 1 MB", { side: "corn", to: "own", wanted: 1 }),
  rate("node", "posted 100 kB", { side: "corn", to: "own", wanted: 1 }),
  ...(["bun", "deno"] as const).flatMap((runtime) => [
    ...asItself(runtime, "hello"),
    ...asItself(runtime, "async JSON"),
    ...asItself(runtime, "Hono route"),
    rate(runtime, "hello", { side: "combined", to: "corn", wanted: 0.9 }),
    rate(runtime, "hello", { side: "json", to: "corn", wanted: 0.85 }),
    rate(runtime, "hello", { side: "metrics", to: "corn", wanted: 0.97 }),
    ...[
      "hello",
      "Hono route",
      "JSON of 10 kB",
      "stream of 1 MB",
      "posted 100 kB",
    ].map((name) =>
      rate(runtime, name, {
        ...{ side: "wire", to: "native" },
        wanted: runtime === "bun" ? 0.9 : 1,
      })
    ),
  ]),
];
