/** A config file with a pool of tasks, for `examples/passwords.ts`. */
import type { CornConfig } from "corn";

export default {
  workers: 1,
  tasks: {
    passwords: {
      module: "examples/tasks/passwords.ts",
      workers: 2,
      timeout: "30s",
      maxQueue: 50,
      // Where processors are few, requests go first.
      nice: 10,
    },
  },
} satisfies CornConfig;
