/** The permissions of Deno that corn needs, or looks for before it does what asks for them. */
/** A permission as Deno asks for it. */
interface Permission {
  readonly name: string;
  readonly kind?: string;
  readonly command?: string;
}

interface DenoPermissions {
  execPath(): string;
  readonly permissions: {
    querySync(permission: Permission): { readonly state: string };
  };
}

/**
 * Looks before anything asks: on a terminal Deno would put each permission that
 * is missing as a question, elsewhere it would throw wherever it is noticed.
 *
 * @throws Error naming all that are missing
 */
export function demandPermissions(part: "arbiter" | "worker"): void {
  const { Deno } = globalThis as unknown as { Deno: DenoPermissions };
  const lacks = (permission: Permission) =>
    Deno.permissions.querySync(permission).state !== "granted";
  const missing: string[] = [];
  if (lacks({ name: "env" })) {
    if (part === "worker") {
      throw new Error(
        "Cannot run on Deno without --allow-env: add it to --worker-args",
      );
    }
    missing.push("--allow-env");
  }
  if (part === "worker") return;
  if (lacks({ name: "read" })) missing.push("--allow-read");
  if (lacks({ name: "run", command: Deno.execPath() })) {
    missing.push("--allow-run");
  }
  if (lacks({ name: "sys", kind: "uid" })) missing.push("--allow-sys=uid");
  if (missing.length === 0) return;
  throw new Error(
    `Cannot run on Deno without ${
      missing.join(" ")
    }: give the arbiter -A, it runs nothing of the app, and choose what workers may do by --worker-args`,
  );
}

/** True where files may be written; a permission that is missing would be put as a question on a terminal. */
export function mayWrite(): boolean {
  const { Deno } = globalThis as unknown as { Deno: DenoPermissions };
  return Deno.permissions.querySync({ name: "write" }).state === "granted";
}

/** True where this process may listen, and make the file of a unix socket. */
export function mayListen(): boolean {
  const { Deno } = globalThis as unknown as { Deno: DenoPermissions };
  return mayWrite() &&
    Deno.permissions.querySync({ name: "net" }).state === "granted";
}
