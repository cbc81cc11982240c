/** An app with files that are served before it is asked. */
import type { App } from "../app/app.ts";
import type { ServedFiles } from "../../runtime/served-files.ts";
import { answerByFile } from "./answer.ts";
import type { FileAnswer } from "./answer.ts";
import type { ServedFolder } from "./files-plan.ts";

/** The part of http.IncomingMessage that is read. */
interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The part of http.ServerResponse that a file needs. */
interface Outgoing {
  readonly destroyed: boolean;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(bytes: Uint8Array): boolean;
  end(bytes?: Uint8Array): unknown;
  destroy(): unknown;
  once(event: "drain" | "close", run: () => void): unknown;
  off(event: "drain" | "close", run: () => void): unknown;
}

export interface FilesOptions {
  readonly folders: readonly ServedFolder[];
  readonly files: ServedFiles;
}

/** The app behind the files; as it is where there are none. */
export function withFiles(app: App, { folders, files }: FilesOptions): App {
  if (app.style === "fetch") {
    return {
      ...app,
      call(request, env, context) {
        const answer = answerByFile(
          {
            method: request.method,
            url: request.url,
            header: (name) => request.headers.get(name),
          },
          folders,
          files,
        );
        return answer === undefined
          ? app.call(request, env, context)
          : responseOf(answer);
      },
    };
  }
  return {
    ...app,
    call(incoming: unknown, outgoing: unknown) {
      const { method, url, headers } = incoming as Incoming;
      const header = (name: string) => headers[name] ?? null;
      const answer = answerByFile({ method, url, header }, folders, files);
      return answer === undefined
        ? app.call(incoming, outgoing)
        : send(answer, outgoing as Outgoing);
    },
  };
}

function responseOf({ status, headers, body }: FileAnswer): Response {
  return new Response(body, { status, headers });
}

/** Writes an answer; resolves when it is out, or its client gone. */
async function send(
  { status, headers, body }: FileAnswer,
  outgoing: Outgoing,
): Promise<void> {
  outgoing.writeHead(status, headers);
  if (!(body instanceof ReadableStream)) {
    outgoing.end(...(body === null ? [] : [body]));
    return;
  }
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return void outgoing.end();
      if (outgoing.destroyed) return void reader.cancel();
      if (!outgoing.write(value)) await room(outgoing);
    }
  } catch (error) {
    // What was promised cannot be sent: the client must not take it for whole.
    outgoing.destroy();
    throw error;
  }
}

/** Waits until more may be written, or nothing will be read any more. */
function room(outgoing: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      outgoing.off("drain", go);
      outgoing.off("close", go);
      resolve();
    };
    outgoing.once("drain", go);
    outgoing.once("close", go);
    if (outgoing.destroyed) go();
  });
}
