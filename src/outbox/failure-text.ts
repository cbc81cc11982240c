/** Why a receiver took nothing, in words. */
import { codeOf, messageOf } from "../base/errors.ts";

/** What an error of an outlet means. */
export function failureText(error: Error): string {
  switch (codeOf(error)) {
    case "EPIPE":
    case "ECONNRESET":
      return "it ended the stream";
    case "ECONNREFUSED":
      return "nobody listens there";
    case "ENOENT":
      return "there is no such socket";
    case "EACCES":
      return "permission denied";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the name is not found";
    default:
      return messageOf(error);
  }
}
