/** uvu's suites, in which a test that asserts nothing fails, and one that throws anything at all. */
import { suite as uvuSuite } from "uvu";
import { assertions } from "./assert.ts";
import { findProgram } from "./machine/program.ts";

type Body = () => Promise<void> | void;

interface Hook {
  (run: Body): void;
  each(run: Body): void;
}

/** A suite; its tests run one after the other. */
export interface Suite {
  (name: string, body: Body): void;
  readonly before: Hook;
  readonly after: Hook;
  run(): void;
}

/** What the test that runs cannot show here, if it said so. */
let skipped: string | undefined;

/** Says why the test that runs cannot show its promise here; return after it. */
export function skip(reason: string): void {
  skipped = reason;
}

/** Runs a test's body. Where it throws what is no error, such as null, uvu ends the suite and says nothing. */
async function run(body: Body): Promise<void> {
  try {
    await body();
  } catch (thrown) {
    throw thrown instanceof Error
      ? thrown
      : new Error(`The test threw ${String(thrown)}`);
  }
}

/** Makes a suite about a subject; its tests are skipped where one of these programs is not installed. */
export function suite(subject: string, ...programs: string[]): Suite {
  const missing = programs.find((one) => findProgram(one) === undefined);
  const tests = uvuSuite(subject);
  const add = (name: string, body: Body) =>
    tests(name, async () => {
      const before = assertions();
      skipped = undefined;
      if (missing !== undefined) skip(`${missing} is not installed`);
      else await run(body);
      if (skipped !== undefined) {
        console.log(`\n# skip ${name}: ${skipped}`);
      } else if (assertions() === before) {
        throw new Error(
          `"${name}" asserts nothing: assert what it promises, or skip() with the reason`,
        );
      }
    });
  return Object.assign(add, {
    before: tests.before,
    after: tests.after,
    run: () => tests.run(),
  });
}
