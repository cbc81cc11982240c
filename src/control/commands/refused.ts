/** What a command says where a corn refuses what it asks. */
import { VERSION } from "../../base/version.ts";
import { ask } from "../client/ask.ts";
import type { AskRuntime, JsonAnswer } from "../client/ask.ts";
import { CommandError, EXIT } from "./target.ts";

/** What another version of corn may say to what it does not know. */
const UNKNOWN: readonly string[] = ["not-found", "method", "bad-request"];

/** An answer as an error; where the corn is of another version, and that may be why, it says so. */
export async function refusedBy(
  runtime: AskRuntime,
  path: string,
  { value }: JsonAnswer,
): Promise<CommandError> {
  const { code, message } = value.error;
  const said = (text: string) => new CommandError(EXIT.failed, code, text);
  if (!UNKNOWN.includes(code)) return said(message);
  const { status, value: corn } = await ask(runtime, path, {
    target: "/v1/status",
  });
  if (status !== 200 || corn.version === VERSION) return said(message);
  return said(
    `${message}: corn ${corn.version} runs there (pid ${corn.pid}), and this is the command of corn ${VERSION}; "corn upgrade" has the version that is installed take over`,
  );
}
