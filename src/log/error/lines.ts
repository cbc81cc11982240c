/** Text that comes in pieces, cut into lines. */

/** A line that is longer is cut, so that a flood without a line end does not fill the memory. */
export const MAX_LINE = 65_536;

export interface Lines {
  /** Takes a piece and gives the lines that it ends. */
  push(text: string): string[];
  /** Gives what has no end yet, and holds nothing back from now on. */
  flush(): string[];
}

/** Cuts text into lines without their ends; empty ones are left out. */
export function createLines(): Lines {
  let rest = "";
  let over = false;

  function cut(text: string): string[] {
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += MAX_LINE) {
      const line = text.slice(at, at + MAX_LINE).trimEnd();
      if (line !== "") lines.push(line);
    }
    return lines;
  }

  return {
    push(text) {
      const parts = `${rest}${text}`.split("\n");
      rest = over ? "" : parts.pop() as string;
      const whole = Math.floor(rest.length / MAX_LINE) * MAX_LINE;
      parts.push(rest.slice(0, whole));
      rest = rest.slice(whole);
      return parts.flatMap(cut);
    },
    flush() {
      over = true;
      const last = rest;
      rest = "";
      return cut(last);
    },
  };
}
