/** The certificates that a config names, as a container is given them. */
import { folderOf, isWithin, nameIn, resolvePath } from "../base/path.ts";
import { HOME } from "./container.ts";
import { refuse } from "./subject.ts";
import type { Subject } from "./subject.ts";

/** A file, and what it is called in a Secret of the type kubernetes.io/tls. */
export interface TlsFile {
  readonly name: string;
  readonly key: string;
}

/** A folder with some of them. */
export interface TlsFolder {
  /** On this machine. */
  readonly from: string;
  /** In the container. */
  readonly to: string;
  readonly files: readonly TlsFile[];
}

/** The folders of all files of TLS. @throws ConfigError where one would be part of the image */
export function tlsFolders(subject: Subject, kind: string): TlsFolder[] {
  const { folder: app } = subject;
  const folders = new Map<string, TlsFile[]>();
  for (const { path, key } of filesOf(subject)) {
    const full = resolvePath(app, path);
    const from = folderOf(full);
    const name = nameIn(full);
    const files = folders.get(from) ?? [];
    folders.set(from, files);
    if (files.some((one) => one.name === name)) continue;
    // A Secret has each once: two certificates in a folder keep their names.
    const taken = files.some((one) => one.key === key);
    files.push({ name, key: taken ? name : key });
  }
  if (folders.has(app)) {
    const why =
      "in the app's own folder, which goes into the image, and a key must not: put it into a folder of its own";
    refuse(subject, { kind, setting: "certfile", why });
  }
  return [...folders].map(([from, files]) => ({
    ...{ from, files },
    to: isWithin(app, from) ? HOME + from.slice(app.length) : from,
  }));
}

function filesOf(
  { config: { settings } }: Subject,
): { path: string; key: string }[] {
  const { certfile, keyfile, sni, caCerts } = settings;
  if (certfile === undefined) return [];
  const pairs = [{ certfile, keyfile }, ...sni].flatMap((one) =>
    one.keyfile === undefined
      ? [{ path: one.certfile, key: nameIn(one.certfile) }]
      : [
        { path: one.certfile, key: "tls.crt" },
        { path: one.keyfile, key: "tls.key" },
      ]
  );
  return caCerts === undefined
    ? pairs
    : [...pairs, { path: caCerts, key: "ca.crt" }];
}

/** What Docker mounts: a file by itself stays the one that it was, and certbot's links lead out of their folder. */
export function tlsMounts(subject: Subject, kind: string): string[] {
  const mounts = tlsFolders(subject, kind).map(({ from, to }) => {
    const certbot = /^(.+)\/live\/[^/]+$/.exec(from)?.[1] ?? from;
    return `${certbot}:${
      to.slice(0, to.length - (from.length - certbot.length))
    }:ro`;
  });
  return [...new Set(mounts)];
}

/** Folders of the app that hold keys: no part of an image. */
export function ownTlsFolders(subject: Subject, kind: string): string[] {
  const { folder: app } = subject;
  return tlsFolders(subject, kind).filter(({ from }) => isWithin(app, from))
    .map(({ from }) => from.slice(app.length + (app === "/" ? 0 : 1)));
}
