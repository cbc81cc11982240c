/** Certificates of clients that trusted proxies have told of. */
import type { ForwardedCertificate } from "../runtime/tls.ts";

const certificates = new WeakMap<object, ForwardedCertificate>();

/** Notes the certificate of a request's client. */
export function noteCertificate(
  request: object,
  certificate: ForwardedCertificate,
): void {
  certificates.set(request, certificate);
}

/** The certificate that was noted. */
export function forwardedCertificateOf(
  request: object,
): ForwardedCertificate | undefined {
  return certificates.get(request);
}
