/** The client of the package `ws` as it is, on Node, whatever runs this test. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "../assert.ts";
import { helperNode } from "../process/command.ts";

const PROGRAM = fileURLToPath(new URL("ws-program.ts", import.meta.url));
const PLAY_MS = 90_000;

/** Plays its cases to a server that echoes there. @throws where one fails */
export async function playWs(url: string): Promise<void> {
  const [problem, output] = await new Promise<[string, string]>((resolve) =>
    execFile(
      helperNode,
      [
        "--disable-warning=ExperimentalWarning",
        PROGRAM,
        url.replace(/^http/, "ws"),
      ],
      { timeout: PLAY_MS },
      (error, output, errors) =>
        resolve([error === null ? "" : `${errors}${error.message}`, output]),
    )
  );
  assert.is(problem, "");
  assert.ok(Number(output) > 0);
}
