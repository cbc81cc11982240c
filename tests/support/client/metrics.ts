/** What stands at --admin. */
import type { Command } from "../process/server.ts";
import { get } from "./curl.ts";

/** Where --admin is open, by the log. */
export async function adminOf(server: Command): Promise<string> {
  const [, url] = await server.waitForLog(/Metrics and health at (http:\S+)/);
  return url as string;
}

/** The samples of /metrics, by their names with their labels. */
export async function readMetrics(
  admin: string,
): Promise<Map<string, number>> {
  const text = await get(`${admin}/metrics`);
  return new Map(
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );
}

/** The name of the count of requests with a method and a status. */
export function requestCount(method: string, status: number): string {
  return `http_server_request_duration_seconds_count{http_request_method="${method}",http_response_status_code="${status}"}`;
}
