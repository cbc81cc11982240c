import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createBatch } from "../../../src/log/access/batch.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const batch = suite("batch");

function setup(piece?: number) {
  const clock = new FakeClock();
  const written: string[] = [];
  const reports: string[] = [];
  const disk = { full: false };
  const lines = createBatch({
    clock,
    ...(piece !== undefined && { piece }),
    write(text) {
      if (!disk.full) written.push(text);
      return !disk.full;
    },
    abandon: () => disk.full ? 2 : 0,
    report: (level, text) => reports.push(`${level}: ${text}`),
  });
  return { clock, written, reports, disk, lines };
}

batch("lines go out together and in order, within a quarter second", () => {
  const { clock, written, lines } = setup();
  assert.is(clock.set, 0, "an idle log wakes nobody");
  lines.line("a");
  clock.pass(200);
  lines.line("b");
  assert.equal(written, []);
  clock.pass(50);
  assert.equal(written, ["a\nb\n"]);
  assert.equal(clock.due(), []);
  lines.line("c");
  lines.flush();
  assert.equal(written, ["a\nb\n", "c\n"]);
  lines.flush();
  assert.equal(written.length, 2);
  assert.equal(clock.due(), []);
});

batch("many lines go out at once", () => {
  const { written, lines } = setup();
  for (let count = 0; count < 64; count++) lines.line("x".repeat(1023));
  assert.is(written.length, 1);
  assert.is(written[0]!.length, 64 * 1024);
});

batch("pieces hold whole lines", () => {
  const { written, reports, lines } = setup(10);
  for (const text of ["1234", "1234", "123", "a longer line", "x", "y"]) {
    lines.line(text);
  }
  lines.flush();
  assert.equal(written, ["1234\n1234\n", "123\n", "a longer line\n", "x\ny\n"]);
  assert.equal(reports, [], "none is lost");
});

batch("a full disk is told once, and what was lost when it goes on", () => {
  const { clock, written, reports, disk, lines } = setup();
  disk.full = true;
  for (let turn = 0; turn < 3; turn++) {
    lines.line("lost");
    lines.line("lost");
    clock.pass(1000);
  }
  assert.equal(reports, [
    "error: Cannot write the access log: lines are lost until it goes on",
  ]);
  disk.full = false;
  lines.line("kept");
  clock.pass(1000);
  assert.equal(written, ["kept\n"]);
  assert.equal(reports.slice(1), [
    "warning: The access log goes on: up to 6 lines are missing",
  ]);
  lines.line("more");
  clock.pass(1000);
  assert.is(reports.length, 2);
});

batch("the end tells what is lost", () => {
  const { reports, disk, lines, written } = setup();
  lines.line("a");
  lines.close();
  assert.equal(written, ["a\n"]);
  assert.equal(reports, []);
  disk.full = true;
  lines.line("b");
  lines.close();
  assert.equal(reports.slice(1), [
    "warning: The access log could not be written: 3 lines are lost",
  ]);
  disk.full = false;
  lines.line("c");
  lines.close();
  assert.is(reports.length, 2, "that was said");
});

batch("a single line that is lost is one", () => {
  const { clock, reports, disk, lines } = setup();
  disk.full = true;
  lines.line("a");
  clock.pass(1000);
  disk.full = false;
  lines.line("b");
  clock.pass(1000);
  assert.equal(reports.slice(1), [
    "warning: The access log goes on: up to 1 line is missing",
  ]);
});

batch.run();
