/**
 * WebSockets on `Deno.serve`. A request that was upgraded must be answered with
 * the response that `Deno.upgradeWebSocket` gave, or the server ends with all
 * its connections (Deno 2.9.5, DENO-UPGRADE): an app that throws after it, or a
 * deadline that comes, has another.
 */
type Upgrade = (
  request: object,
  options?: unknown,
) => { readonly response: Response };

const responses = new WeakMap<object, Response>();
let any = false;
let watched = false;

/** Notes the responses from now on; call it before the app is loaded. */
export function watchUpgrades(): void {
  const { Deno } = globalThis as unknown as {
    Deno: { upgradeWebSocket: Upgrade };
  };
  const { upgradeWebSocket } = Deno;
  if (watched) return;
  watched = true;
  Deno.upgradeWebSocket = (request, options) => {
    const upgrade = upgradeWebSocket(request, options);
    responses.set(request, upgrade.response);
    any = true;
    return upgrade;
  };
}

/** See `NativeView.upgradeOf`. */
export function upgradeOf(request: object): Response | undefined {
  return any ? responses.get(request) : undefined;
}
