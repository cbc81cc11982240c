/** A failure that corn ends with; `exitCode` is what the command returns. */
export class CornError extends Error {
  /** The class, for messages. */
  override name = "CornError";
  /** Process exit code, 1 unless a subclass says otherwise. */
  readonly exitCode: number = 1;
  /** The failures that this one tells together; none where it is one. */
  readonly parts: readonly CornError[] = [];
}

/** The command line cannot be understood; exit code 2, as argument parsers use. */
export class UsageError extends CornError {
  /** The class, for messages. */
  override name = "UsageError";
  /** Process exit code. */
  override readonly exitCode = 2;
}

/** A flag that corn does not know; exit code 2. */
export class UnknownFlagError extends UsageError {
  /** The class, for messages. */
  override name = "UnknownFlagError";
  /** The flag, with its dashes. */
  readonly flag: string;
  /** Where it stands, as a message says it: empty, or ` from CORN_CMD_ARGS`. */
  readonly source: string;

  constructor(flag: string, source: string, reason: string) {
    super(`Cannot use flag "${flag}"${source}: ${reason}`);
    this.flag = flag;
    this.source = source;
  }

  /** The same with another reason. */
  answered(reason: string): UnknownFlagError {
    return new UnknownFlagError(this.flag, this.source, reason);
  }
}

/** The command line names two apps; exit code 2. */
export class SecondArgumentError extends UsageError {
  /** The class, for messages. */
  override name = "SecondArgumentError";
  /** The arguments that were taken for an app. */
  readonly given: { readonly first: string; readonly second: string };

  constructor(
    message: string,
    given: { readonly first: string; readonly second: string },
  ) {
    super(message);
    this.given = given;
  }
}

/** A setting or the config file is wrong; exit code 1. */
export class ConfigError extends CornError {
  /** The class, for messages. */
  override name = "ConfigError";
}

/** A variable begins with `CORN_` and is no setting's; exit code 1. */
export class UnknownVariableError extends ConfigError {
  /** The class, for messages. */
  override name = "UnknownVariableError";
  /** The variable. */
  readonly variable: string;

  /** Names the variable, and says what is wrong with it. */
  constructor(variable: string, reason: string) {
    super(`Cannot use ${variable} from the environment: ${reason}`);
    this.variable = variable;
  }

  /** The same with another reason. */
  answered(reason: string): UnknownVariableError {
    return new UnknownVariableError(this.variable, reason);
  }
}

/** A config gives something that is no setting; exit code 1. */
export class UnknownSettingError extends ConfigError {
  /** The class, for messages. */
  override name = "UnknownSettingError";
  /** The name that was given. */
  readonly setting: string;
  /** Where it was given: a file, or `serve()`. */
  readonly origin: string;

  /** Names what was given and where, and says what is wrong with it. */
  constructor(setting: string, origin: string, reason: string) {
    super(`Cannot use "${setting}" from ${origin}: ${reason}`);
    this.setting = setting;
    this.origin = origin;
  }

  /** The same with another reason. */
  answered(reason: string): UnknownSettingError {
    return new UnknownSettingError(this.setting, this.origin, reason);
  }
}

/** An address cannot be opened; exit code 1. */
export class BindError extends CornError {
  /** The class, for messages. */
  override name = "BindError";
}

/** The pid file cannot be used; exit code 1. */
export class PidfileError extends CornError {
  /** The class, for messages. */
  override name = "PidfileError";
}

/** The log file cannot be opened; exit code 1. */
export class LogFileError extends CornError {
  /** The class, for messages. */
  override name = "LogFileError";
}

/** A worker could not start for a reason that is not the app's; exit code 3. */
export class BootError extends CornError {
  /** The class, for messages. */
  override name = "BootError";
  /** Process exit code. */
  override readonly exitCode = 3;
}

/** The app cannot be loaded; exit code 4. */
export class AppError extends CornError {
  /** The class, for messages. */
  override name = "AppError";
  /** Process exit code. */
  override readonly exitCode = 4;
}

/** There is no such module; exit code 4. */
export class MissingAppError extends AppError {
  /** The class, for messages. */
  override name = "MissingAppError";
  /** The path, as it was given. */
  readonly path: string;

  /** Names the path, and says why nothing is loaded from it. */
  constructor(path: string, reason: string) {
    super(`Cannot load app "${path}": ${reason}`);
    this.path = path;
  }

  /** The same with more of a reason. */
  answered(answer: string): MissingAppError {
    const [, reason = ""] = this.message.split(/": (.*)/s);
    return new MissingAppError(this.path, `${reason}; ${answer}`);
  }
}

/** One failure that tells several, a line for each; it has the class and exit code of the first. */
export function together(errors: readonly CornError[]): CornError {
  const [first] = errors as [CornError, ...CornError[]];
  if (errors.length === 1) return first;
  const parts = errors.flatMap((error) =>
    error.parts.length > 0 ? error.parts : error
  );
  const text = parts.map(({ message }) => message).join("\n");
  const all = first instanceof UsageError
    ? new UsageError(text)
    : new ConfigError(text);
  return Object.assign(all, { parts });
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return "something that has no text";
  }
}

/** The system's code (`EADDRINUSE`, `ENOENT` …) of anything thrown, or undefined. */
export function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Why a file cannot be written, in words. */
export function reasonOf(thrown: unknown): string {
  switch (codeOf(thrown)) {
    case "ENOENT":
      return "its folder does not exist";
    case "EACCES":
    case "EPERM":
      return "permission denied; choose a folder that this user may write to";
    case "EROFS":
      return "the file system is read-only";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "its folder is a file";
    case "ENXIO":
      return "it is a socket, or a pipe that nobody reads";
    default:
      return messageOf(thrown);
  }
}
