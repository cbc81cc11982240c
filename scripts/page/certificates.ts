/** The certificates that are served, and until when. */
import { LATE_DAYS } from "../../src/base/late-days.ts";
import type { Look } from "../../src/control/dashboard/points.ts";
import { byId, make } from "./dom.ts";

const DAY_MS = 86_400_000;

/** Shows them where TLS is spoken; an older corn tells of none. */
export function showCertificates({ status, at }: Look): void {
  const { certificates = [] } = status;
  const box = byId("certificates");
  box.hidden = certificates.length === 0;
  box.replaceChildren(...certificates.map(({ name, until, file }) => {
    const days = Math.floor((Date.parse(until) - at) / DAY_MS);
    const left = days < 0
      ? "has ended"
      : `${days} ${days === 1 ? "day" : "days"}`;
    return make(
      "span",
      { title: file },
      `Certificate of ${name}: until ${until.slice(0, 10)}, `,
      make("b", { class: days < LATE_DAYS ? "warn" : "" }, left),
    );
  }));
}
