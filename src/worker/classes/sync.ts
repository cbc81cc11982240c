/** One request in hand: the next connection stays in the queue, for a sibling that has none. */
import { asyncClass } from "./async.ts";
import { OnePlace } from "./one-place.ts";
import type { WorkerClass } from "./worker-class.ts";

export const syncClass: WorkerClass = {
  name: "sync",
  /** As async does on Node, whose own server can rest as well; corn's own elsewhere, where it can serve the app. */
  engineFor(query, runtime, style) {
    const { engine } = query.http;
    if (engine !== "auto" || runtime.name === "node" || style === "node") {
      return asyncClass.engineFor(query, runtime, style);
    }
    return "wire";
  },
  objection(engine, { name }, style) {
    if (engine === "wire" || name === "node") return undefined;
    return style === "node"
      ? `it is a Node listener (req, res), and the node:http of ${name} cannot leave connections in the queue; give --runtime node, or leave out --worker-class sync`
      : `the native engine of ${name} cannot leave connections in the queue; leave out --http native`;
  },
  createPlace: (options) => new OnePlace(options),
};
