/** Any number of requests in hand, on one event loop. */
import type { WorkerClass } from "./worker-class.ts";

export const asyncClass: WorkerClass = {
  name: "async",
  /**
   * `auto` takes the faster one, docs/performance.md: corn's own on Node, where
   * it can serve the app, the runtime's own elsewhere, unless that cannot accept
   * from the sockets that the worker inherited. Where the runtime's own is
   * instrumented it is taken.
   */
  engineFor({ http: { engine }, listeners, instrumented }, runtime, style) {
    if (engine !== "auto") return engine;
    if (style === "node") return "native";
    // Of the runtimes' own servers only some can, and each in another way.
    if (listeners.some(({ secure }) => secure)) return "wire";
    const inherits = listeners.some(({ descriptors }) =>
      descriptors.length > 0
    );
    const strange = inherits && !runtime.servesDescriptors(style);
    const own = runtime.name === "node" && instrumented !== true;
    return own || strange ? "wire" : "native";
  },
  objection: () => undefined,
};
