/** Asks a worker that serves `tests/fixtures/app.ts` who it is. */
import { get } from "./curl.ts";
import { until } from "../wait.ts";

/** What a worker tells of itself. */
export interface Who {
  readonly pid: number;
  readonly slot: string;
  readonly runtime: string;
  readonly cwd: string;
  /** Its variables that begin with CORN_ or TEST_. */
  readonly env: Readonly<Record<string, string>>;
}

export async function who(url: string): Promise<Who> {
  return JSON.parse(await get(`${url}/who`));
}

/** Asks until so many workers have answered; gives them by their slots. */
export async function everybody(
  url: string,
  count: number,
): Promise<Map<string, Who>> {
  const found = new Map<string, Who>();
  await until(`answers of ${count} workers`, async () => {
    const one = await who(url);
    found.set(one.slot, one);
    return found.size === count;
  });
  return found;
}
