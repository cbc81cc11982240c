/** What a browser may ask of a dashboard: the page, its start and its events. */
import { Refused } from "../door/route.ts";
import type { Reply, Route } from "../door/route.ts";
import type { Feed } from "./feed.ts";
import { PAGE } from "./page.ts";

/** Nothing but what comes from here runs, is loaded or is asked. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const FIELDS = {
  "content-security-policy": POLICY,
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** What is asked for by whom knows it. */
export interface Keys {
  /** Stands before each path. */
  readonly key: string;
  /** Leads to the page once: other users see it among the arguments of the program that opens a browser. */
  readonly once: string | undefined;
}

export function dashboardRoutes(
  feed: Feed,
  { key, once }: Keys,
): readonly Route[] {
  const get = (
    path: string,
    summary: string,
    answer: Route["answer"],
  ): Route => ({ method: "GET", path: `/${key}/${path}`, summary, answer });
  const routes = Object.entries(PAGE).map(([name, text]) => {
    const type = TYPES[name.replace(/.*\./, "")] ?? "text/plain";
    const path = name === "index.html" ? "" : name;
    const reply: Reply = { type, text, fields: FIELDS };
    return get(path, `A file of the page, ${name}`, () => reply);
  });
  routes.push(
    get("start", "What came lately", () => ({ json: feed.start() })),
    get("events", "What comes", ({ query, field }) => {
      const after = field("last-event-id") ?? query.get("after") ?? "0";
      return {
        events(stream) {
          const listening = feed.stream(stream, Number(after));
          return () => listening.close();
        },
      };
    }),
  );
  let unused = true;
  if (once !== undefined) {
    routes.push({
      method: "GET",
      path: `/${once}`,
      summary: "Leads to the page, once",
      answer() {
        if (!unused) {
          throw new Refused(
            403,
            "used",
            "This address has been used: take the one that the command printed",
          );
        }
        unused = false;
        const location = `/${key}/`;
        return {
          status: 302,
          type: "text/plain",
          text: "",
          fields: { ...FIELDS, location },
        };
      },
    });
  }
  return routes;
}
