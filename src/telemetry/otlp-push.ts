/** Pushes metrics by OTLP over HTTP: all since the start each time, so that nothing has to be kept where one push fails. */
import { messageOf } from "../base/errors.ts";
import { maskSecrets } from "../base/secrets.ts";
import type { Closeable, Runtime } from "../runtime/runtime.ts";

/** The longest that one push takes, and the last one. */
const PUSH_MS = 10_000;
const LAST_MS = 1000;
/** Until a push that failed is tried again, doubled each time up to the interval. */
const RETRY_MS = 1000;

/** Statuses that the protocol says to try again after. */
const RETRIED: readonly number[] = [429, 502, 503, 504];

export interface OtlpPushOptions {
  readonly runtime: Pick<Runtime, "clock" | "post" | "random">;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly everyMs: number;
  /** What is to be pushed; undefined where there is nothing. */
  message(): unknown;
  /** Says what a person should know: that it fails, or goes on. */
  report(level: "info" | "warning", text: string): void;
}

/** What came of one. */
type Outcome =
  | { readonly done: true; readonly rejected: string }
  | {
    readonly done: false;
    readonly reason: string;
    /** Undefined where trying the same again is of no use. */
    readonly againMs: number | undefined;
  };

export class OtlpPush implements Closeable {
  readonly #options: OtlpPushOptions;
  #timer: Closeable | undefined;
  #pushing: Promise<void> | undefined;
  #closed = false;
  #failures = 0;
  /** What was reported last; empty where all is well. */
  #trouble = "";

  constructor(options: OtlpPushOptions) {
    this.#options = options;
    this.#plan(options.everyMs);
  }

  /** Pushes once more, for a second at most. */
  async flush(): Promise<void> {
    this.close();
    // A receiver that hangs would hold up the end.
    if (await this.#hangs(LAST_MS)) return;
    await this.#push(LAST_MS);
  }

  /** True where the push under way does not end within so much time. */
  #hangs(ms: number): Promise<boolean> {
    const { clock } = this.#options.runtime;
    return new Promise((resolve) => {
      const timer = clock.after(ms, () => resolve(true));
      void (this.#pushing ?? Promise.resolve()).then(() => {
        timer.close();
        resolve(false);
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.close();
  }

  #plan(ms: number): void {
    if (this.#closed) return;
    this.#timer = this.#options.runtime.clock.after(ms, () => {
      this.#pushing = this.#turn().finally(() => this.#pushing = undefined);
    });
  }

  async #turn(): Promise<void> {
    const { everyMs } = this.#options;
    const outcome = await this.#push(PUSH_MS);
    this.#tell(outcome);
    if (outcome.done || outcome.againMs === undefined) {
      this.#failures = 0;
      return this.#plan(everyMs);
    }
    this.#failures++;
    this.#plan(Math.min(everyMs, outcome.againMs));
  }

  async #push(ms: number): Promise<Outcome> {
    const { runtime, url, headers, message } = this.#options;
    try {
      const body = message();
      if (body === undefined) return { done: true, rejected: "" };
      const { status, retryAfter, text } = await runtime.post(url, {
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
        ms,
      });
      if (status >= 200 && status < 300) {
        return { done: true, rejected: rejectedIn(text) };
      }
      return {
        done: false,
        reason: `it answers ${status}`,
        againMs: RETRIED.includes(status)
          ? this.#waitMs(retryAfter)
          : undefined,
      };
    } catch (error) {
      return {
        done: false,
        reason: reasonOf(error),
        againMs: this.#waitMs(undefined),
      };
    }
  }

  /** As the receiver asks, or each time twice as long, with some chance, since others may push there too. */
  #waitMs(retryAfter: string | undefined): number {
    if (retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter)) {
      return Math.max(RETRY_MS, Number(retryAfter) * 1000);
    }
    const most = RETRY_MS * 2 ** Math.min(this.#failures, 20);
    return most * (0.5 + this.#options.runtime.random() / 2);
  }

  #tell(outcome: Outcome): void {
    const url = maskSecrets(this.#options.url);
    const trouble = outcome.done ? outcome.rejected : outcome.reason;
    if (trouble === this.#trouble) return;
    const was = this.#trouble;
    this.#trouble = trouble;
    if (trouble === "") {
      return this.#options.report("info", `Metrics go to ${url} again`);
    }
    // One reason after another is one trouble.
    if (was !== "") return;
    this.#options.report(
      "warning",
      `Cannot push metrics to ${url}: ${trouble}`,
    );
  }
}

/** Why a part was not taken, as an ExportMetricsServiceResponse has it; empty where all was. */
function rejectedIn(text: string): string {
  try {
    const { partialSuccess } = JSON.parse(text);
    const { rejectedDataPoints = 0, errorMessage = "" } = partialSuccess ?? {};
    return Number(rejectedDataPoints) > 0
      ? `it rejected ${Number(rejectedDataPoints)} points: ${
        String(errorMessage).slice(0, 200)
      }`
      : "";
  } catch {
    return "";
  }
}

/** The reason beneath "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  // A runtime may name the URL.
  return maskSecrets(messageOf(cause ?? error));
}
