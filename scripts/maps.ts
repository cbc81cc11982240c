/** Keeps deno.json and package.json equal where they say the same. */

/** What is read of deno.json. */
export interface DenoMap {
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** What is read of package.json. */
export interface PackageMap {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Those among them that deno.json names are for apps in a clone. */
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Says where the two maps differ. */
export function compareMaps(deno: DenoMap, npm: PackageMap): string[] {
  const problems: string[] = [];
  if (deno.version !== npm.version) {
    problems.push(
      `version: ${deno.version} in deno.json, ${npm.version} in package.json`,
    );
  }
  const names = new Set([
    // corn itself, for examples, is no dependency.
    ...Object.keys(deno.imports).filter((name) =>
      !deno.imports[name]?.startsWith("./")
    ),
    ...Object.keys(npm.dependencies),
  ]);
  for (const name of [...names].sort()) {
    const range = npm.dependencies[name] ?? npm.devDependencies?.[name];
    const found = deno.imports[name] ?? "nothing";
    const wanted = range === undefined ? "nothing" : `npm:${name}@${range}`;
    if (found !== wanted) {
      problems.push(
        `${name}: ${found} in deno.json, package.json asks for ${wanted}`,
      );
    }
  }
  return problems;
}
