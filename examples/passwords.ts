/** `corn examples/passwords.ts -c examples/passwords.config.ts`: passwords are hashed beside requests, which wait for none. */
// "corn/tasks" where the package is installed.
import { TaskOverloadError, tasks } from "../tasks.ts";
import type * as Passwords from "./tasks/passwords.ts";

const passwords = tasks<typeof Passwords>("passwords");

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== "/sign-up" || request.method !== "POST") {
      return new Response("Sign up with a POST of your password to /sign-up\n");
    }
    try {
      const { signal } = request;
      const hashed = await passwords.with({ signal }).hash(
        await request.text(),
      );
      // A database would keep it.
      return new Response(`${hashed.length} characters to keep\n`);
    } catch (error) {
      if (!(error instanceof TaskOverloadError)) throw error;
      return new Response("Too many sign up, come back soon\n", {
        status: 503,
        headers: { "retry-after": "5" },
      });
    }
  },
};
