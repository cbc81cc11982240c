/** A registry of JSR's kind on this machine, that has corn alone. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { root } from "../../scripts/tools.ts";

const { name, version, exports, imports } = JSON.parse(
  readFileSync(join(root, "deno.json"), "utf8"),
) as {
  name: string;
  version: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
};

/** The package as one names it. */
export const SPECIFIER = `jsr:${name}@${version}`;

/** A file as JSR has it, which writes what the import map says into the imports. */
function published(path: string): string {
  return readFileSync(join(root, path), "utf8").replaceAll(
    /(\bfrom|\bimport)(\s*\(?\s*)"([^."][^"]*)"/g,
    (all, word, space, specifier) =>
      specifier in imports ? `${word}${space}"${imports[specifier]}"` : all,
  );
}

export interface Registry {
  /** What `JSR_URL` is set to. */
  readonly url: string;
  close(): void;
}

/** Opens it on a free port. */
export async function openRegistry(): Promise<Registry> {
  const files = globSync(
    "{mod.ts,worker.ts,thread.ts,tasks.ts,shared.ts,{src,adapters}/**/*.ts}",
    {
      cwd: root,
    },
  );
  const answers = new Map(
    files.map((path) => [`/${name}/${version}/${path}`, published(path)]),
  );
  const manifest = Object.fromEntries(files.map((path) => {
    const text = published(path);
    const sum = createHash("sha256").update(text).digest("hex");
    const size = Buffer.byteLength(text);
    return [`/${path}`, { size, checksum: `sha256-${sum}` }];
  }));
  const [scope, short] = name.slice(1).split("/");
  answers.set(
    `/${name}/meta.json`,
    JSON.stringify({
      scope,
      name: short,
      latest: version,
      versions: { [version]: {} },
    }),
  );
  answers.set(
    `/${name}/${version}_meta.json`,
    JSON.stringify({ exports, manifest }),
  );
  const server = createServer(({ url = "", headers }, response) => {
    const text = answers.get(url);
    const navigates = headers.accept?.includes("text/html");
    const type = url.endsWith(".json") ? "application/json" : "text/typescript";
    response.writeHead(text === undefined || navigates ? 404 : 200, {
      "content-type": type,
    });
    response.end(text);
  });
  await new Promise<void>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve())
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
