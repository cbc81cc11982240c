/** What this thread does before it ends by a call: of a process the kernel takes what it leaves. */
let steps: (() => void)[] = [];

/** Has this done at the end of the thread; never where it is a process. */
export function onThreadEnd(run: () => void): void {
  steps.push(run);
}

/** Does it, once. */
export function endThread(): void {
  const left = steps;
  steps = [];
  for (const run of left) run();
}
