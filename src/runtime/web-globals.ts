/** The part of the global object where an app finds the web's classes. */
export interface WebGlobals {
  Headers: typeof Headers;
  Request: typeof Request;
  Response: typeof Response;
  fetch: typeof fetch;
}
