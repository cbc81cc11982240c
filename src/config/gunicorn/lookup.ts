/**
 * What corn has for each of Gunicorn's settings, for `docs/from-gunicorn.md`
 * and for the refusal of a flag of Gunicorn's that corn does not know. Nothing
 * that serves imports it.
 */
import type { Answer, Answers } from "./answer.ts";
import { dirty, hooks } from "./hooks.ts";
import { logging } from "./logging.ts";
import { control, mechanics, processNaming } from "./mechanics.ts";
import { http2, ssl } from "./protocols.ts";
import {
  configFile,
  debugging,
  security,
  serverSocket,
  workers,
} from "./workers.ts";
import { flagOf, settingOf } from "../table/settings.ts";

/** The settings of Gunicorn 26.2 by its names, under the headings it has for them. */
export const gunicornSections: Readonly<Record<string, Answers>> = {
  "Config file": configFile,
  "Server socket": serverSocket,
  "Worker processes": workers,
  "Security": security,
  "Debugging": debugging,
  "Server mechanics": mechanics,
  "Logging": logging,
  "Process naming": processNaming,
  "Server hooks": hooks,
  "SSL": ssl,
  "HTTP/2": http2,
  "Dirty arbiters": dirty,
  "Control": control,
};

/** Every setting of Gunicorn with its answer. */
export const gunicornSettings: readonly (readonly [string, Answer])[] = Object
  .values(gunicornSections).flatMap((answers) => Object.entries(answers));

/** A name of Gunicorn's as corn would write it: `gracefulTimeout` for `graceful_timeout`. */
export function camelCase(name: string): string {
  return name.replaceAll(
    /_([a-z])/g,
    (_, letter: string) => letter.toUpperCase(),
  );
}

/**
 * Why corn does not take a flag of Gunicorn's, and what takes its place;
 * undefined where Gunicorn has no such flag. A long one may be cut short, as
 * Gunicorn allows it, and may have a value behind `=`.
 */
export function answerFlag(given: string): string | undefined {
  const flag = given.split("=", 1)[0]!;
  const found = gunicornSettings.filter(([, { flags }]) =>
    flags.includes(flag)
  );
  if (found.length === 0 && /^--\w/.test(flag)) {
    found.push(
      ...gunicornSettings.filter(([, { flags }]) =>
        flags.some((one) => one.startsWith(flag))
      ),
    );
  }
  return found.length === 1 ? sentence(...found[0]!) : undefined;
}

/** The same for a name in the config file, in Gunicorn's spelling or in camelCase. */
export function answerName(given: string): string | undefined {
  const found = gunicornSettings.find(([name]) =>
    name === given || camelCase(name) === given
  );
  return found && sentence(...found);
}

function sentence(
  name: string,
  { kind, setting, hook, text }: Answer,
): string {
  if (hook !== undefined) {
    return `Gunicorn's ${name} is ${hook}, a function in the config file`;
  }
  switch (kind) {
    case "same":
      return settingOf(setting!).inFile === false
        ? `Gunicorn's ${name} is a flag only, give ${flagOf(setting!)}`
        : `Gunicorn's ${name} is ${setting}, or ${
          flagOf(setting!)
        } on the command line`;
    case "instead":
      return `in place of Gunicorn's ${name}: ${text}`;
    default:
      return `Gunicorn's ${name} is ${kind}: ${text}`;
  }
}
