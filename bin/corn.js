#!/usr/bin/env node
// Parses on any Node from 10 on, so that an old one gets a sentence, not a stack (NODE-TOO-OLD).
// deno-lint-ignore-file no-process-global no-var
var versions = process.versions;
var refusal = refuse();

if (refusal) {
  console.error(refusal);
  process.exitCode = 1;
} else {
  import("../dist/mod.js").then(function (corn) {
    return corn.main();
  });
}

/** Why corn cannot run here, or undefined. Needs `import.meta.main` and type stripping. */
function refuse() {
  if (process.platform === "win32") {
    return "corn does not run on Windows: run it in WSL 2, in a container or on a Linux machine";
  }
  if (versions.bun || versions.deno) return undefined;
  var parts = versions.node.split(".").map(Number);
  var fits = parts[0] === 22
    ? parts[1] >= 18
    : parts[0] > 24 || (parts[0] === 24 && parts[1] >= 2);
  if (fits) return undefined;
  return "corn needs Node 22.18 or newer" +
    (parts[0] < 23 ? "" : " (not 23; of the 24 line, 24.2)") +
    ", this is " + versions.node +
    ": install the current one from https://nodejs.org or run corn on Bun (bunx --bun corn) or Deno";
}
