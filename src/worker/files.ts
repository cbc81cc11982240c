/** Files that are served before the app. */
import type { App } from "../gateway/app/app.ts";
import type { ServedFolder } from "../gateway/files/files-plan.ts";
import type { ServingRuntime } from "../runtime/serving.ts";

/** Loads what serves them. */
export async function loadFiles(runtime: ServingRuntime) {
  const [{ withFiles }, files] = await Promise.all([
    import("../gateway/files/with-files.ts"),
    runtime.loadServedFiles(),
  ]);
  return { withFiles, files };
}

/** The app behind the files of these folders; as it is where there are none. */
export async function serveFiles(
  app: App,
  folders: readonly ServedFolder[],
  runtime: ServingRuntime,
): Promise<App> {
  if (folders.length === 0) return app;
  const { withFiles, files } = await loadFiles(runtime);
  return withFiles(app, { folders, files });
}
