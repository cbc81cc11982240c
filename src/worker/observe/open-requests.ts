/** Tells which requests wait for their answers. */
import { pathOf, pathStart } from "../../exchange/path.ts";
import { RequestContext } from "../../gateway/call/context.ts";
import type { Inflight, SeatedRequest } from "../../gateway/call/inflight.ts";
import { contextOf } from "../../gateway/call/request-members.ts";
import { MOST_PATH } from "../../protocol/messages.ts";
import type { ListedRequest, ListMessage } from "../../protocol/messages.ts";
import type { WorkerHost } from "./worker-host.ts";

/** Answers the question; of each request the path, and the query where it is asked for. */
export function tellRequests(
  { id, query }: Pick<ListMessage, "id" | "query">,
  inflight: Inflight,
  host: WorkerHost,
): void {
  const requests = inflight.list().map((one) => listed(one, query, host));
  host.send({ type: "requests", id, requests });
}

function listed(
  { method, path, ms, request }: SeatedRequest,
  query: boolean,
  { runtime }: WorkerHost,
): ListedRequest {
  const { url } = (request ?? {}) as { readonly url?: unknown };
  const client = clientOf(request, runtime);
  return {
    method,
    // That of the record is cut where it is long.
    path: typeof url !== "string"
      ? path
      : (query ? url.slice(pathStart(url)) || "/" : pathOf(url))
        .slice(0, MOST_PATH),
    ms,
    ...client !== undefined && { client },
  };
}

function clientOf(
  request: unknown,
  runtime: WorkerHost["runtime"],
): string | undefined {
  const context = contextOf(request);
  const env = context === undefined ? {} : RequestContext.envOf(context);
  try {
    const peer = runtime.peerOf(request as Request, env);
    return peer?.kind === "tcp" ? peer.address : undefined;
  } catch {
    // A request may be over, or replaced by one of the app's.
    return undefined;
  }
}
