/** `Bun.listen` and `Deno.listen`: connections without HTTP, which corn cannot serve. */
import type {
  ListenEvents,
  ListeningServer,
} from "../../../src/runtime/runtime.ts";

/** The part of their options that says where. */
export interface ListenerOptions {
  readonly port?: unknown;
  readonly unix?: unknown;
  readonly path?: unknown;
  readonly fd?: unknown;
  readonly tls?: unknown;
}

/** Listens at once, where it is let. */
class ConnectionListener implements ListeningServer {
  readonly port: number | undefined;
  readonly asked: string;
  readonly secure = false;
  readonly app = undefined;
  readonly call: string;

  constructor({ port, unix, path, fd }: ListenerOptions, call: string) {
    this.call = call;
    const place = unix ?? path;
    const isElsewhere = place !== undefined || fd !== undefined;
    this.port = isElsewhere ? undefined : Number(port ?? 0);
    this.asked = isElsewhere
      ? String(place ?? "a descriptor")
      : `port ${this.port}`;
  }

  serve(): void {}
  release(): void {}
  end(): void {}
}

/** A call that asks before it listens. @throws what the verdict is, where it is an error */
export function watchCall<Options extends ListenerOptions, Result>(
  name: string,
  listen: (options: Options) => Result,
  { onListen }: Pick<ListenEvents, "onListen">,
): (options: Options) => Result {
  return (options) => {
    const verdict = onListen(new ConnectionListener(options ?? {}, name));
    if (verdict instanceof Error) throw verdict;
    return listen(options);
  };
}
