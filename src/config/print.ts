import { settingNames } from "./table/settings.ts";
import { maskedPair, maskSecrets } from "../base/secrets.ts";
import type { Config } from "./table/types.ts";
import { formatValue } from "./table/values.ts";
import { formatTaskPool } from "./values/tasks.ts";

/**
 * Writes a config as lines of name, value and origin, in the order of the
 * table. What looks like a secret is masked.
 */
export function printConfig(config: Config): string {
  const rows = settingNames.map((name) => [name, show(config, name)]);
  if (config.logger !== undefined) rows.push(["logger", "<object>"]);
  if (config.tasks.length > 0) {
    const pools = config.tasks.map((pool) =>
      `${pool.name}: ${formatTaskPool(pool)}`
    );
    rows.push(["tasks", pools.join(", ")]);
  }
  for (const name of Object.keys(config.hooks)) {
    rows.push([name, "<function>"]);
  }
  if (config.app !== undefined) {
    rows.unshift(["app", maskSecrets(config.app.text)]);
  }
  const lines = rows.map((
    [name, value],
  ) => [name!, value === "" ? "-" : value!, `# ${config.origins[name!]}`]);
  const widths = [0, 1].map((column) =>
    // One long value does not push every origin out of sight.
    Math.max(
      ...lines.map((line) => line[column]!.length).filter((width) =>
        width <= 40
      ),
    )
  );
  return lines
    .map(([name, value, origin]) =>
      `${name!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  ${origin}\n`
    )
    .join("");
}

function show(config: Config, name: (typeof settingNames)[number]): string {
  const text = name === "env"
    ? Object.entries(config.settings.env).map(maskedPair).join(" ")
    : maskSecrets(formatValue(name, config.settings[name]));
  // A line break in a value would look like another setting.
  return /[\r\n]/.test(text) ? JSON.stringify(text) : text;
}
