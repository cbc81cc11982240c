/** Asks a corn for what it has. */
import type { Runtime } from "../../runtime/runtime.ts";
import { ask } from "../client/ask.ts";
import { refusedBy } from "./refused.ts";

/** What it answers, as parsed JSON. @throws Unanswered, or CommandError where it refuses */
export async function getFrom(runtime: Runtime, path: string, target: string) {
  const answer = await ask(runtime, path, { target });
  if (answer.status === 200) return answer.value;
  throw await refusedBy(runtime, path, answer);
}
