/** Asks a running corn at its control socket. */
import { request } from "node:http";

/** Gives what it answers. @throws where that is no JSON, or no success */
export function askControl(
  socketPath: string,
  method: "GET" | "POST",
  path: string,
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => text += piece);
      answer.on("end", () => {
        if ((answer.statusCode ?? 500) >= 400) reject(new Error(text));
        else resolve(JSON.parse(text));
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
