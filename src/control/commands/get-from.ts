/** Asks a corn for what it has. */
import type { Runtime } from "../../runtime/runtime.ts";
import { ask } from "../client/ask.ts";
import type { Question } from "../client/ask.ts";
import { refusedBy } from "./refused.ts";

/** What it answers, as parsed JSON. @throws Unanswered, or CommandError where it refuses */
export async function getFrom(
  runtime: Runtime,
  path: string,
  asked: string | Omit<Question, "method">,
) {
  const question = typeof asked === "string" ? { target: asked } : asked;
  const answer = await ask(runtime, path, question);
  if (answer.status === 200) return answer.value;
  throw await refusedBy(runtime, path, answer);
}
