/** The terminal of this process, which `process` of all three runtimes knows. */
import process from "node:process";
import type { Screen } from "../../../src/runtime/runtime.ts";

/** What a terminal without a size is taken for. */
const USUAL = { columns: 80, rows: 24 };

export const screen: Screen = {
  size() {
    const { columns, rows } = process.stdout;
    return { columns: columns || USUAL.columns, rows: rows || USUAL.rows };
  },
  onKey(run) {
    const { stdin } = process;
    const take = (bytes: Uint8Array) => run(String(bytes));
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on("data", take).resume();
    return {
      close() {
        stdin.off("data", take).pause();
        if (stdin.isTTY) stdin.setRawMode(false);
      },
    };
  },
};
