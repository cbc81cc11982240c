/** What takes the place of each command of gunicornc, for `docs/from-gunicorn.md`. */

/** A command of Gunicorn 26.2's control client, and what corn has. */
export const commands: readonly (readonly [gunicorn: string, corn: string])[] =
  [
    ["`show all`", "`corn status`; `corn ls` for all corns of a user"],
    ["`show workers`", "`corn status`, `corn status W`"],
    ["`show stats`", "`corn status --json`"],
    ["`show listeners`", "`corn status`"],
    ["`show config`", "`corn config`, with each value's origin"],
    ["`show dirty`", "`corn status`, which has a row for each pool of tasks"],
    ["`worker add [N]`", "`corn scale +N`"],
    ["`worker remove [N]`", "`corn scale -N`"],
    ["`worker kill PID`", "`corn kill W`, by the worker's number"],
    [
      "`reload`",
      "`corn reload`, which waits and exits 1 with the app's own stack where it failed",
    ],
    ["`reopen`", "`corn reopen`"],
    ["`shutdown [graceful|quick]`", "`corn stop`, `corn stop --quick`"],
    ["`help`", "`corn --help`, `corn COMMAND --help`"],
    ["`-c COMMAND`", "`corn COMMAND`; there is no prompt of its own"],
    ["`-j`", "`--json`"],
    ["`-s PATH`", "`-s PATH`"],
  ];
