/** Members of a request that srvx has, for apps that are written for it, such as H3's: `ip`, `runtime` and `waitUntil`. */
import { RequestContext } from "./context.ts";

/** How they are answered. */
export interface RequestMembers {
  /** The runtime's name. */
  readonly runtime: string;
  /** The client's address. */
  addressOf(request: unknown, env: unknown): string | undefined;
}

const CONTEXT = Symbol("corn.context");

/** Notes by what a request's members are answered. */
export function noteContext(request: object, context: RequestContext): void {
  (request as { [CONTEXT]?: RequestContext })[CONTEXT] = context;
}

/** What was noted by it. */
export function contextOf(request: unknown): RequestContext | undefined {
  return (request as { [CONTEXT]?: RequestContext } | undefined)?.[CONTEXT];
}

/** Lets each request have them that is noted; any other has what is written to it, as before. */
export function installMembers(
  prototype: object,
  { runtime, addressOf }: RequestMembers,
): void {
  const members: Readonly<
    Record<string, (request: object, context: RequestContext) => unknown>
  > = {
    ip: (request, context) => addressOf(request, RequestContext.envOf(context)),
    // Its `node` is left out: what is written there would not be the answer.
    runtime(_, context) {
      const env = RequestContext.envOf(context);
      return {
        name: runtime,
        ...(runtime === "bun" && { bun: { server: env } }),
        ...(runtime === "deno" && { deno: { info: env } }),
      };
    },
    waitUntil: (_, context) => context.waitUntil,
  };
  for (const [name, read] of Object.entries(members)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: { [CONTEXT]?: RequestContext }) {
        const context = this[CONTEXT];
        return context && read(this, context);
      },
      set(value: unknown) {
        Object.defineProperty(this, name, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      },
    });
  }
}
