/** What Prometheus is to read, and its alerts. */
import { addressText } from "../base/addresses/address-text.ts";
import { alertsOf } from "./alerts.ts";
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import { refuse } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { yamlText } from "./yaml.ts";

export function makePrometheus(subject: Subject): MadeFile[] {
  const { name } = subject;
  const { target, comments } = targetOf(subject);
  const rules = `${name}.rules.yml`;
  const config = lines(
    "# prometheus.yml, or its parts",
    "rule_files:",
    `  - ${yamlText(rules)}`,
    "scrape_configs:",
    `  - job_name: ${yamlText(name)}`,
    "    scrape_interval: 15s",
    comments.map((line) => `    # ${line}`),
    "    static_configs:",
    `      - targets: [${JSON.stringify(target)}]`,
  );
  return [
    { name: "prometheus.yml", text: config },
    { name: rules, text: rulesOf(name) },
  ];
}

/** What a target without a port would be. */
const DEFAULT_TARGET = "127.0.0.1:9100";

function targetOf(
  subject: Subject,
): { readonly target: string; readonly comments: readonly string[] } {
  const { admin, metrics } = subject.config.settings;
  const comments = metrics
    ? []
    : ["corn counts nothing yet: give it --metrics (metrics: true)."];
  if (admin === undefined) {
    return {
      target: DEFAULT_TARGET,
      comments: [
        ...comments,
        `corn listens for no scrape yet: give it --admin ${DEFAULT_TARGET}.`,
      ],
    };
  }
  if (admin.kind === "unix" || admin.port === 0) {
    const why = "where Prometheus cannot read: give HOST:PORT";
    return refuse(subject, { kind: "prometheus", setting: "admin", why });
  }
  const everywhere = /^(0\.0\.0\.0|::)$/.test(admin.host);
  return everywhere
    ? {
      target: `127.0.0.1:${admin.port}`,
      comments: [
        ...comments,
        "corn listens at all addresses: from another machine, its name.",
      ],
    }
    : { target: addressText(admin), comments };
}

function rulesOf(name: string): string {
  return lines(
    "groups:",
    `  - name: ${yamlText(name)}`,
    "    rules:",
    alertsOf(name).flatMap((alert) => [
      `      - alert: ${alert.name}`,
      `        expr: ${JSON.stringify(alert.expr)}`,
      ...(alert.for === undefined ? [] : [`        for: ${alert.for}`]),
      `        labels: { severity: ${alert.severity} }`,
      "        annotations:",
      `          summary: ${JSON.stringify(alert.summary)}`,
    ]),
  );
}
