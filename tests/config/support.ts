import { loadConfig, type LoadInput } from "../../src/config/sources/load.ts";
import type { SettingName } from "../../src/config/table/settings.ts";
import type { Config, Layer } from "../../src/config/table/types.ts";

/** A machine with these files; a value that is not text is a module's exports. */
export function machine(
  files: Readonly<Record<string, unknown>> = {},
): LoadInput & {
  readonly imported: string[];
} {
  const imported: string[] = [];
  return {
    imported,
    env: {},
    cwd: "/srv",
    runtime: "node",
    fileKind(path) {
      if (Object.hasOwn(files, path)) return "file";
      const inside = Object.keys(files).some((file) =>
        file.startsWith(`${path}/`)
      );
      return inside || path === "/srv" ? "folder" : undefined;
    },
    readText: (path) => files[path] as string | undefined,
    importModule(url, time) {
      imported.push(time === 0 ? url : `${url} ${time}`);
      const module = files[decodeURIComponent(new URL(url).pathname)];
      return module instanceof Error
        ? Promise.reject(module)
        : Promise.resolve(module as Record<string, unknown>);
    },
  };
}

/** Loads a config where only `input` differs from an empty machine. */
export function load(input: Partial<LoadInput> = {}): Promise<Config> {
  return loadConfig({ ...machine(), ...input });
}

/** Loads a config with this as its config file. */
export function loadFile(
  content: unknown,
  input: Partial<LoadInput> = {},
): Promise<Config> {
  return load({
    ...machine({ "/srv/corn.config.ts": { default: content } }),
    ...input,
  });
}

/** The layer of one setting. */
export function layer(
  name: SettingName,
  value: unknown,
  origin: string,
): Layer {
  return { values: { [name]: { value, origin } } };
}

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("Cannot take the failure: nothing failed");
}
