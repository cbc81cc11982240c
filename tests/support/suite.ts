/** uvu's suites, in which a test that asserts nothing fails. */
import { suite as uvuSuite } from "uvu";
import { assertions } from "./assert.ts";

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

/** Makes a suite about a subject. */
export function suite(subject: string): Suite {
  const tests = uvuSuite(subject);
  const add = (name: string, body: Body) =>
    tests(name, async () => {
      const before = assertions();
      skipped = undefined;
      await body();
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
