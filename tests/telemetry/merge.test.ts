import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { MergedMetrics } from "../../src/telemetry/merge.ts";
import type { Format } from "../../src/telemetry/exposition.ts";

const merging = suite("MergedMetrics");

/** What a registry of prom-client's writes. */
const text = (orders: number, open: number) =>
  `# HELP shop_orders_total Orders, by "kind".
# TYPE shop_orders_total counter
shop_orders_total{kind="a, {b}"} ${orders}
shop_orders_total 1

# HELP shop_open Open baskets.
# TYPE shop_open gauge
shop_open ${open}
shop_open{of="us"} ${open} 1700000000000

# HELP shop_seconds Time.
# TYPE shop_seconds histogram
shop_seconds_bucket{le="0.1"} ${orders}
shop_seconds_bucket{le="+Inf"} ${orders + 1}
shop_seconds_sum 0.5
shop_seconds_count ${orders + 1}
# TYPE shop_size summary
shop_size{quantile="0.5"} ${open}
shop_size_sum ${orders}
shop_size_count 1
`;

function merge(
  texts: readonly (readonly [string, number | undefined])[],
  format: Format = "text",
): string[] {
  const merged = new MergedMetrics();
  for (const [text, worker] of texts) merged.add(text, worker);
  return merged.lines(format);
}

merging("counts are added, and states have their worker", () => {
  assert.equal(merge([[text(1, 5), 1], [text(2, 7), 2]]), [
    '# HELP shop_orders_total Orders, by "kind".',
    "# TYPE shop_orders_total counter",
    'shop_orders_total{kind="a, {b}"} 3',
    "shop_orders_total 2",
    "# HELP shop_open Open baskets.",
    "# TYPE shop_open gauge",
    'shop_open{worker="1"} 5',
    'shop_open{of="us",worker="1"} 5',
    'shop_open{worker="2"} 7',
    'shop_open{of="us",worker="2"} 7',
    "# HELP shop_seconds Time.",
    "# TYPE shop_seconds histogram",
    'shop_seconds_bucket{le="0.1"} 3',
    'shop_seconds_bucket{le="+Inf"} 5',
    "shop_seconds_sum 1",
    "shop_seconds_count 5",
    "# TYPE shop_size summary",
    'shop_size{quantile="0.5",worker="1"} 5',
    "shop_size_sum 3",
    "shop_size_count 2",
    'shop_size{quantile="0.5",worker="2"} 7',
  ]);
});

merging("of those that are gone counts stay, and are read again", () => {
  const gone = merge([[text(1, 5), undefined]]).join("\n");
  assert.not.match(gone, /shop_open|quantile/);
  const all = merge([[gone, undefined], [gone, undefined], [text(2, 7), 1]]);
  for (
    const line of [
      'shop_orders_total{kind="a, {b}"} 4',
      'shop_seconds_bucket{le="+Inf"} 7',
      "shop_size_sum 4",
      'shop_open{worker="1"} 7',
    ]
  ) assert.ok(all.includes(line), line);
});

merging("OpenMetrics names counters without _total", () => {
  const lines = merge(
    [[text(1, 5), 1], ["# TYPE odd counter\nodd 1\nnone 3\n", 1]],
    "openmetrics",
  );
  for (
    const line of [
      "# TYPE shop_orders counter",
      'shop_orders_total{kind="a, {b}"} 1',
      "# TYPE odd unknown",
      "odd 1",
      "# TYPE none unknown",
      'none{worker="1"} 3',
    ]
  ) assert.ok(lines.includes(line), line);
  // And is read where an app writes it.
  const read = merge([[
    '# TYPE x counter\nx_total 2 # {trace_id="a"} 1\n# EOF',
    1,
  ]]);
  assert.equal(read, ["# TYPE x_total counter", "x_total 2"]);
});

merging("names of corn's own are left out", () => {
  const merged = new MergedMetrics();
  merged.add(
    "corn_x 1\n# TYPE http_server_request_duration_seconds histogram\n" +
      "http_server_request_duration_seconds_count 1\nhttp_server_x 2\n",
    1,
  );
  assert.equal(merged.lines("text"), [
    "# TYPE http_server_x untyped",
    'http_server_x{worker="1"} 2',
  ]);
  assert.equal([...merged.refused], [
    "corn_x",
    "http_server_request_duration_seconds",
  ]);
});

merging("what is no sample is passed over", () => {
  assert.equal(
    merge([[
      "\n\n# nothing\n{} 1\nx\nx y\n9x 1\na -Inf\nb NaN\nc +Inf\nd 1e3\r\n",
      3,
    ]]),
    [
      "# TYPE a untyped",
      'a{worker="3"} -Inf',
      "# TYPE b untyped",
      'b{worker="3"} NaN',
      "# TYPE c untyped",
      'c{worker="3"} +Inf',
      "# TYPE d untyped",
      'd{worker="3"} 1000',
    ],
  );
});

merging.run();
