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

merging("a worker of threads leaves such names to the arbiter", () => {
  const merged = new MergedMetrics("thread");
  merged.add("corn_x 1\n", 2);
  assert.equal(merged.lines("text"), [
    "# TYPE corn_x untyped",
    'corn_x{thread="2"} 1',
  ]);
  assert.is(merged.refused.size, 0);
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

merging("labels are the same in whichever order they are written", () => {
  const one = '# TYPE n_total counter\nn_total{b="1",a="x, b=\\"2\\""} 1\n';
  const other =
    '# TYPE n_total counter\nn_total{ a="x, b=\\"2\\"", b="1", } 2\n';
  assert.equal(
    merge([["# TYPE n_total counter\nn_total 1\nn_total{ } 2\n", 1]]),
    [
      "# TYPE n_total counter",
      "n_total 3",
    ],
  );
  assert.equal(merge([[one, 1], [other, 2]]), [
    "# TYPE n_total counter",
    'n_total{b="1",a="x, b=\\"2\\""} 3',
  ]);
});

merging("a value that speaks of a worker is no label of that name", () => {
  const text = '# TYPE g gauge\ng{of="a,worker=b"} 1\n';
  assert.equal(merge([[text, 1], [text, 2]]), [
    "# TYPE g gauge",
    'g{of="a,worker=b",worker="1"} 1',
    'g{of="a,worker=b",worker="2"} 1',
  ]);
});

merging("what would spoil a whole scrape is left out", () => {
  const text = [
    "# TYPE fine gauge\nfine 1",
    // Prometheus takes none of these.
    "bare{a=1} 1",
    'twice{a="1",a="2"} 1',
    'apart{a="1" b="2"} 1',
    "# TYPE kind banana\nkind 1",
    '# TYPE states stateset\nstates{states="on"} 1',
  ].join("\n");
  assert.equal(merge([[text, 1]]), [
    "# TYPE fine gauge",
    'fine{worker="1"} 1',
    "# TYPE kind untyped",
    'kind{worker="1"} 1',
    "# TYPE states untyped",
    'states{states="on",worker="1"} 1',
  ]);
});

merging("counts that are no numbers do not spoil those of others", () => {
  const text = (value: string) => `# TYPE n_total counter\nn_total ${value}\n`;
  assert.equal(merge([[text("NaN"), undefined], [text("2"), 1]]), [
    "# TYPE n_total counter",
    "n_total 2",
  ]);
  assert.equal(merge([[text("+Inf"), 2], [text("3"), 1]]).at(-1), "n_total 3");
});

/** A histogram of so many answers in each bucket. */
const seconds = (...counts: readonly [le: string, count: number][]) => {
  let sum = 0;
  const lines = counts.map(([le, count]) =>
    `s_bucket{le="${le}",path="/"} ${sum += count}`
  );
  return ["# TYPE s histogram", ...lines, `s_count{path="/"} ${sum}`].join(
    "\n",
  );
};

merging("buckets of two releases are those of both, and rise", () => {
  const before = seconds(["0.1", 10], ["1", 5], ["+Inf", 1]);
  const after = seconds(["0.5", 3], ["1.0", 1], ["2", 1], ["+Inf", 0]);
  const both = [
    "# TYPE s histogram",
    's_bucket{le="0.1",path="/"} 10',
    's_bucket{le="0.5",path="/"} 13',
    's_bucket{le="1",path="/"} 19',
    's_bucket{le="2",path="/"} 20',
    's_bucket{le="+Inf",path="/"} 21',
    's_count{path="/"} 21',
  ];
  const texts = [[before, 1], [after, 2]] as const;
  assert.equal(merge(texts), both);
  // Whoever is gone, and whatever came first.
  const merged = new MergedMetrics();
  merged.add(after, undefined);
  const gone = merged.text;
  assert.equal(merge([[gone, undefined], [before, 1]]), both);
  assert.match(merge(texts, "openmetrics").join("\n"), 'le="1.0",path="/"} 19');
});

merging("a name that begins as the one above is another metric's", () => {
  assert.equal(merge([["# TYPE n gauge\nn 1\nn_more 2\nn_total 3\n", 1]]), [
    ...["# TYPE n gauge", 'n{worker="1"} 1'],
    ...["# TYPE n_more untyped", 'n_more{worker="1"} 2'],
    ...["# TYPE n_total untyped", 'n_total{worker="1"} 3'],
  ]);
});

merging("a histogram may have one bucket, or what is odd", () => {
  const text = [
    "# TYPE s histogram",
    's_bucket{le="+Inf"} 2',
    "s_bucket 3",
    's_bucket{le="short"} 1',
    's_bucket{le="NaN"} 1',
    's_count{le="1"} 4',
    // Rising as they should be, but written in another order.
    's_bucket{le="2",path="/"} 5',
    's_bucket{le="1",path="/"} 4',
  ].join("\n");
  assert.equal(merge([[text, 1], [text, 2]]), [
    "# TYPE s histogram",
    's_bucket{le="+Inf"} 4',
    "s_bucket 6",
    's_count{le="1"} 8',
    's_bucket{le="1",path="/"} 8',
    's_bucket{le="2",path="/"} 10',
  ]);
});

merging(
  "counts that are new are left out beyond the most, and it says so",
  () => {
    const counts = '# TYPE n_total counter\nn_total{of="1"} 1\n';
    const buckets = (...bounds: readonly number[]) =>
      `# TYPE s histogram\n${
        bounds.map((le) => `s_bucket{le="${le}"} 5`).join("\n")
      }\n`;
    const merged = new MergedMetrics();
    merged.add(counts + buckets(1), 1, 100);
    assert.not(merged.full);
    const long = "x".repeat(100);
    merged.add(`# TYPE n_total counter\nn_total{of="${long}"} 1\n`, 1, 100);
    assert.ok(merged.full);
    merged.add(
      `# HELP h_total ${long}\n# TYPE h_total counter\nh_total 1`,
      1,
      100,
    );
    merged.add(`open{of="${long}"} 1\n${counts}${buckets(1, 2)}`, 2, 0);
    assert.equal(merged.lines("text"), [
      "# TYPE n_total counter",
      'n_total{of="1"} 2',
      "# TYPE s histogram",
      's_bucket{le="1"} 10',
      "# TYPE open untyped",
      `open{of="${long}",worker="2"} 1`,
    ]);
  },
);

merging("what is told of a metric counts towards the most too", () => {
  const merged = new MergedMetrics();
  const help = `# HELP a_total ${"x".repeat(60)}\n`;
  merged.add(`${help}# TYPE a_total counter\na_total 1\n`, 1, 100);
  assert.not(merged.full);
  merged.add('# TYPE b_total counter\nb_total{of="twenty more"} 1\n', 1, 100);
  assert.ok(merged.full);
});

/** The least that lets a text be taken whole. */
function roomOf(text: string): number {
  for (let most = 0;; most++) {
    const merged = new MergedMetrics();
    merged.add(text, 1, most);
    if (!merged.full) return most;
  }
}

merging("a metric's name and help count once, for all of its values", () => {
  const head = "# HELP n_total abcde\n# TYPE n_total counter\n";
  const one = roomOf(`${head}n_total{of="1"} 1\n`);
  const two = roomOf(`${head}n_total{of="1"} 1\nn_total{of="2"} 1\n`);
  assert.is(one - (two - one), "n_total".length + "abcde".length);
});

merging("a metric whose type a release has changed is of the new one", () => {
  const before = "# TYPE n counter\nn 5\n";
  const after = "# TYPE n gauge\nn 2\n";
  const merged = new MergedMetrics();
  merged.add(before, undefined);
  assert.equal(merge([[merged.text, undefined], [after, 1]]), [
    "# TYPE n gauge",
    'n{worker="1"} 2',
  ]);
  assert.equal(merge([[after, 1], [before, undefined]]), [
    "# TYPE n gauge",
    'n{worker="1"} 2',
  ]);
  // And of the old one again where that is what lives.
  const later = "# TYPE n histogram\nn_count 1\n";
  merged.add(later, undefined);
  assert.equal(merge([[merged.text, undefined], [before, 1]]), [
    "# TYPE n counter",
    "n 10",
  ]);
});

merging("a counter is the same by either format's name", () => {
  assert.equal(
    merge([["# TYPE x counter\nx_total 2", 1], [
      "# TYPE x_total counter\nx_total 3",
      2,
    ]]),
    ["# TYPE x_total counter", "x_total 5"],
  );
});

merging("lines may end as on Windows", () => {
  assert.equal(
    merge([[
      "# HELP x_total X.\r\n# TYPE x_total counter\r\nx_total 2\r\n",
      1,
    ]]),
    ["# HELP x_total X.", "# TYPE x_total counter", "x_total 2"],
  );
});

merging.run();
