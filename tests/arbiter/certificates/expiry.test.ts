import {
  noticeOf,
  Reminders,
  setback,
} from "../../../src/arbiter/certificates/expiry.ts";
import type { ServedCertificate } from "../../../src/arbiter/certificates/material.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const expiry = suite("ends of certificates");

const HOUR_MS = 3_600_000;
const at = (days: number) =>
  new Date(Date.UTC(2026, 0, 1) + days * 24 * HOUR_MS);

/** One from the first of January to the 31st. */
function certificate(given: Partial<ServedCertificate> = {}) {
  return {
    ...{ name: "a.example", names: ["a.example"], file: "/tls/a.pem" },
    ...{ from: at(0), until: at(30), fingerprint: "AA", doubt: undefined },
    ...given,
  } as ServedCertificate;
}

expiry("noticeOf() says what clients refuse", () => {
  const text = (days: number, given?: Partial<ServedCertificate>) => {
    const { level, text } = noticeOf(certificate(given), at(days)) ??
      { level: "all is well", text: "" };
    return `${level} ${text}`.trim();
  };
  const who = "Certificate of a.example";
  const begins =
    `error ${who} begins on 2026-01-01: clients refuse it until then`;
  assert.is(text(-0.1), begins);
  assert.is(text(0), "all is well");
  assert.is(text(15.9), "all is well");
  const ends = (when: string) =>
    `warning ${who} ends on 2026-01-31, ${when}: renew /tls/a.pem`;
  assert.is(text(16), ends("in 14 days"));
  assert.is(text(28.5), ends("in 2 days"));
  assert.is(text(29), ends("within a day"));
  const ended =
    `error ${who} has ended on 2026-01-31: clients refuse it, renew /tls/a.pem`;
  assert.equal([text(30), text(99)], [ended, ended]);
  assert.is(
    text(20, { doubt: "no" }),
    `warning ${who} may be refused by clients: no`,
  );
  assert.is(text(30, { doubt: "no" }), ended, "that is worse");
});

expiry("setback() keeps what is served where the next is worse", () => {
  const good = certificate();
  const of = (
    next: Partial<ServedCertificate>,
    served: Partial<ServedCertificate> | undefined = {},
  ) => setback(certificate(next), served && certificate(served), at(10));
  assert.is(setback(good, good, at(10)), undefined);
  assert.is(
    of({ until: at(10) }),
    "that of a.example in /tls/a.pem ended on 2026-01-11",
  );
  assert.is(
    of({ from: at(11) }),
    "that of a.example in /tls/a.pem begins on 2026-01-12",
  );
  assert.is(of({ from: at(10) }), undefined);
  assert.is(of({ doubt: "its chain" }), "its chain");
  // What is served is no better, or nothing is.
  assert.is(of({ until: at(9) }, { until: at(5) }), undefined);
  assert.is(of({ doubt: "its chain" }, { from: at(11) }), undefined);
  assert.is(
    setback(certificate({ until: at(9) }), undefined, at(10)),
    undefined,
  );
});

expiry("Reminders say each notice once a day", () => {
  const reminders = new Reminders();
  const due = (days: number, ...all: readonly ServedCertificate[]) =>
    reminders.due(all, at(days)).map(({ text }) => /, (.*):/.exec(text)?.[1]);
  const one = certificate();
  assert.equal(due(10, one), []);
  assert.equal(due(20, one), ["in 10 days"]);
  assert.equal(due(20.9, one), []);
  assert.equal(due(21, one), ["in 9 days"]);
  // Another certificate, or another name, is another matter.
  const other = certificate({ fingerprint: "BB" });
  const named = certificate({ name: "b.example" });
  assert.equal(due(21.1, one, other, named), ["in 9 days", "in 9 days"]);
  assert.equal(due(21.2, one, other, named), []);
  // So is one that was away meanwhile.
  assert.equal(due(21.3), []);
  assert.equal(due(21.4, one), ["in 9 days"]);
});

expiry.run();
