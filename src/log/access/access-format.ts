/** The lines of the access log: a format is read once and becomes a function. */
import type { Needs } from "../../exchange/exchange.ts";
import { atoms, families } from "./atoms.ts";
import type { Atom, LineOf } from "./atoms.ts";
import { bareEscape, escapeQuoted } from "./escape.ts";
import { combinedLines, commonLines } from "./access-common.ts";
import { jsonLines, logfmtLine, recordNeeds } from "./access-record.ts";

/** A format, ready to be used. */
export interface AccessFormat {
  readonly needs: Needs;
  readonly line: LineOf;
}

/** A format that cannot be read, and why. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** Formats with a name. */
export const presets: Readonly<Record<string, string | AccessFormat>> = {
  combined: '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"',
  common: '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s',
  json: { needs: recordNeeds, line: jsonLines() },
  logfmt: { needs: recordNeeds, line: logfmtLine },
};

/** Formats that are written out. */
const written: Readonly<Record<string, () => LineOf>> = {
  combined: combinedLines,
  common: commonLines,
};

const NOTHING: Needs = {
  target: false,
  requestHeaders: false,
  responseHeaders: false,
  bytes: false,
  peer: false,
};

/** Reads a preset's name, or text with atoms; `%%` is a percent sign. @throws FormatError */
export function readAccessFormat(text: string): AccessFormat {
  const preset = presets[text];
  if (typeof preset === "object") return preset;
  if (preset === undefined && !text.includes("%(")) {
    throw new FormatError(
      `give ${
        Object.keys(presets).join(", ")
      }, or a format with %(name)s in it`,
    );
  }
  if (/[\n\r]/.test(text)) {
    throw new FormatError("a line has no line end in it");
  }
  const format = compile(preset ?? text);
  return { ...format, line: written[text]?.() ?? format.line };
}

/** What stands in a format between two atoms, and the atoms. */
const PIECES = /%%|%\((\{[^{}]*\}[a-z]|[^(){}]*)\)s|%/g;

function compile(text: string): AccessFormat {
  const parts: (string | Write)[] = [];
  const needs = { ...NOTHING };
  let literal = "";
  let quoted = false;
  let at = 0;
  const take = (more: string) => {
    literal += more;
    if (more.split('"').length % 2 === 0) quoted = !quoted;
  };
  for (const match of text.matchAll(PIECES)) {
    const [whole, name] = match;
    take(text.slice(at, match.index));
    at = match.index + whole.length;
    if (whole === "%%") {
      take("%");
      continue;
    }
    if (name === undefined) {
      throw new FormatError(
        `"${
          text.slice(match.index, match.index + 8)
        }" is no %(name)s; write %% for a percent sign`,
      );
    }
    const atom = findAtom(name);
    for (const need of atom.needs ?? []) needs[need] = true;
    const ends = (literal.at(-1) ?? "") + (text[at] ?? "");
    if (literal !== "") parts.push(literal);
    literal = "";
    parts.push(writeOf(atom, quoted ? escapeQuoted : bareEscape(marks(ends))));
  }
  take(text.slice(at));
  if (quoted) throw new FormatError("a quote has no end");
  if (literal !== "") parts.push(literal);
  return { needs, line: joined(parts) };
}

type Write = LineOf;

/** The characters that a reader may split at: no letters, and none that every value is freed of. */
function marks(ends: string): string {
  return ends.replace(/[\w\s"'[\]%-]/g, "");
}

/** @throws FormatError naming the nearest */
function findAtom(name: string): Atom {
  const atom = atoms[name];
  if (atom !== undefined) return atom;
  const [, field, kind = ""] = /^\{(.+)\}([a-z])$/.exec(name) ?? [];
  const family = families[kind];
  if (field !== undefined && family !== undefined) return family.of(field);
  const known = Object.keys(atoms).join(", ");
  throw new FormatError(
    `there is no %(${name})s; there are ${known}, {name}i, {name}o, {name}e and {name}x`,
  );
}

function writeOf(
  { read, parts, own }: Atom,
  escape: (text: string) => string,
): Write {
  if (own) return (exchange, facts) => read(exchange, facts) || "-";
  if (parts !== undefined && escape !== escapeQuoted) {
    return (exchange, facts) => {
      const texts = parts.map((part) => part(exchange, facts) ?? "");
      return texts[0] === "" ? "-" : texts.map(escape).join(" ");
    };
  }
  return (exchange, facts) => {
    const value = read(exchange, facts);
    return value ? escape(value) : "-";
  };
}

function joined(parts: readonly (string | Write)[]): LineOf {
  return (exchange, facts) => {
    let line = "";
    for (const part of parts) {
      line += typeof part === "string" ? part : part(exchange, facts);
    }
    return line;
  };
}
