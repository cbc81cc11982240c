import type { TypeName } from "./type-map.ts";

/** What speaks HTTP in a worker: corn's own engine, or the runtime's. */
export type EngineName = "native" | "wire";

/** One entry of the table in `src/config/table/settings/`: all that is known of a setting besides its name. */
export interface Setting {
  /** The heading it stands under in `--help` and in the docs. */
  readonly section: string;
  /** How values are read, see `values.ts`. */
  readonly type: TypeName;
  /** The value where none is given, in any form its type reads; undefined where there is none. */
  readonly default: unknown;
  /** What it does, in one line. */
  readonly meaning: string;
  /** The one-letter flag, without its dash. */
  readonly short?: string;
  /** Further long flags, without their dashes. */
  readonly aliases?: readonly string[];
  /** What stands for the value in `--help`, where the type's own word says too little. */
  readonly metavar?: string;
  /**
   * Variables that platforms set, each with the value it stands for (`$` is
   * the variable's text). They rank between the default and the config file.
   */
  readonly variables?: Readonly<Record<string, string>>;
  /** The words that a choice may be. */
  readonly choices?: readonly string[];
  /** The choices that numbers stand for, from 0 on, as Gunicorn takes Python's constants. */
  readonly numbers?: readonly string[];
  /** Words for choices that are used elsewhere, to be refused with the right one. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Words that a count may be besides a number. */
  readonly words?: readonly string[];
  /** The least count, or the least size besides 0; 0 unless given. */
  readonly min?: number;
  /** The greatest count. */
  readonly max?: number;
  /** True where 0 stands for the greatest count. */
  readonly zeroIsMax?: boolean;
  /** What a text must be as a whole, and how a refusal says it, with `$` for the text. */
  readonly pattern?: RegExp;
  readonly give?: string;
  /** How a receiver may be written, `""` for without a scheme, and its port where none is given. */
  readonly schemes?: readonly string[];
  readonly port?: number;
  /** True where a duration of 0 has no meaning. */
  readonly positive?: boolean;
  /** The engines that honour it, all unless given: with another one it is refused where it is given. */
  readonly engines?: readonly EngineName[];
  /** What an engine honours in part: which, and what it does. */
  readonly partly?: string;
  /** The value that `--no-NAME` stands for, where there is such a flag. */
  readonly off?: string;
  /** False where the config file and `serve()` may not give it. */
  readonly inFile?: boolean;
  /** False where no `CORN_*` variable gives it. */
  readonly inEnvironment?: boolean;
}
