/** The engine that a worker serves with. */
import { AppError } from "../errors.ts";
import type { BootMessage } from "../messages.ts";
import type { Engine, EngineOptions, Runtime } from "../runtime.ts";
import { createWireEngine } from "../wire/engine.ts";
import { installGlobals } from "../wire/globals.ts";

type Choice = Pick<BootMessage, "http" | "limits" | "app">;

/** Puts in place what an app must find when it is loaded; call it before that. */
export async function prepareFor(
  { http }: Choice,
  runtime: Runtime,
): Promise<void> {
  if (http === "native") return await runtime.prepare();
  // Nothing of Node takes a Response; Bun's and Deno's own servers, which an app
  // may start for itself, take only theirs.
  installGlobals(runtime.globals, { light: runtime.name === "node" });
}

/** Makes the engine that was chosen. @throws AppError where it cannot serve the app */
export async function createEngine(
  boot: Choice & Omit<EngineOptions, "handler" | "report">,
  runtime: Runtime,
  options: Pick<EngineOptions, "handler" | "report">,
): Promise<Engine> {
  if (boot.http === "native") {
    return await runtime.engine({ ...boot, ...options });
  }
  if (options.handler.style === "node") {
    throw new AppError(
      `Cannot serve "${boot.app.text}" with the wire engine: it is a Node listener (req, res), which only the native engine calls; leave out --http wire and the limits that ask for it`,
    );
  }
  const { transport, clock } = runtime;
  return createWireEngine({ ...boot, ...options, transport, clock });
}

/** True when the chosen engine can serve on an inherited descriptor. */
export function servesDescriptors(
  { http }: Choice,
  runtime: Runtime,
  style: "fetch" | "node",
): boolean {
  return http === "wire" || runtime.servesDescriptors(style);
}
