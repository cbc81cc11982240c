import type {
  ListeningServer,
  ServerApp,
} from "../../../src/runtime/runtime.ts";

/** A server of the app's that remembers what it was told. */
export class FakeServer implements ListeningServer {
  readonly calls: string[] = [];
  readonly port: number | undefined;
  readonly asked: string;
  readonly secure: boolean;
  readonly app: ServerApp | undefined;
  readonly portless: boolean;
  readonly call?: string;

  constructor(
    port: number | undefined,
    { http = true, secure = false, portless = false, call }: {
      http?: boolean;
      secure?: boolean;
      portless?: boolean;
      call?: string;
    } = {},
  ) {
    if (call !== undefined) this.call = call;
    this.portless = portless;
    this.port = port;
    this.asked = port === undefined ? "/run/app.sock" : `port ${port}`;
    this.secure = secure;
    this.app = http
      ? {
        style: "fetch",
        server: this,
        options: {},
        call: () => new Response("own"),
      }
      : undefined;
  }

  serve(): void {
    this.calls.push("serve");
  }

  release(): void {
    this.calls.push("release");
  }

  end(): void {
    this.calls.push("end");
  }
}
