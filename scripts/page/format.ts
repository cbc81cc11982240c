/** Figures as people read them; a dash is what is not known. */

export type Known = number | null | undefined;

const NOTHING = "–";

/** `812`, `4.2`, `1.3 k`. */
export function count(value: Known): string {
  if (value === null || value === undefined) return NOTHING;
  if (value >= 999_950) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 9_995) return `${(value / 1000).toFixed(1)} k`;
  return value > 0 && value < 10 && !Number.isInteger(value)
    ? value.toFixed(1)
    : String(Math.round(value));
}

/** `0.4 ms`, `31 ms`, `1.2 s`. */
export function millis(value: Known): string {
  if (value === null || value === undefined) return NOTHING;
  if (value >= 999.5) return `${(value / 1000).toFixed(1)} s`;
  return value > 0 && value < 10
    ? `${value.toFixed(1)} ms`
    : `${Math.round(value)} ms`;
}

export function percent(value: Known): string {
  if (value === null || value === undefined) return NOTHING;
  const hundredths = value * 100;
  return hundredths > 0 && hundredths < 10
    ? `${hundredths.toFixed(1)} %`
    : `${Math.round(hundredths)} %`;
}

export function bytes(value: Known): string {
  if (value === null || value === undefined) return NOTHING;
  const mega = value / 2 ** 20;
  return mega >= 1000
    ? `${(mega / 1024).toFixed(1)} GB`
    : `${mega < 10 ? mega.toFixed(1) : Math.round(mega)} MB`;
}
