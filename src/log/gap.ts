/** Lines of the access log that were lost: that it is so, and how many there were, is said once each. */

/** Counts lines that are lost. */
export interface Gap {
  /** Notes whether lines could be written. */
  note(written: boolean, lines: number): void;
  /** Says at the end what is lost, with so many lines that were given up. */
  close(more: number): void;
}

/** `report` says what a person should know. */
export function createGap(
  report: (level: "error" | "warning", text: string) => void,
): Gap {
  let lost = 0;
  const many = () => lost === 1 ? "1 line is" : `${lost} lines are`;
  return {
    note(written, lines) {
      if (!written) {
        if (lost === 0) {
          report(
            "error",
            "Cannot write the access log: lines are lost until it goes on",
          );
        }
        lost += lines;
      } else if (lost > 0) {
        report("warning", `The access log goes on: up to ${many()} missing`);
        lost = 0;
      }
    },
    close(more) {
      lost += more;
      if (lost === 0) return;
      report("warning", `The access log could not be written: ${many()} lost`);
      lost = 0;
    },
  };
}
