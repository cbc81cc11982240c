/** A dashboard to import into Grafana, see its JSON model of dashboards. */
import type { MadeFile } from "./file.ts";
import { PANELS } from "./panels.ts";
import type { Panel } from "./panels.ts";
import type { Subject } from "./subject.ts";

const COLUMNS = 24;

/** Rows that a panel takes. */
const HEIGHTS: Readonly<Record<Panel["kind"], number>> = {
  stat: 4,
  timeseries: 8,
};

/** What the importer chooses. */
const SOURCE = { type: "prometheus", uid: "${DS_PROMETHEUS}" };

export function makeGrafana({ name }: Subject): MadeFile[] {
  const dashboard = {
    __inputs: [{
      name: "DS_PROMETHEUS",
      label: "Prometheus",
      description: "Where corn's metrics are",
      type: "datasource",
      pluginId: "prometheus",
      pluginName: "Prometheus",
    }],
    __requires: [
      { type: "grafana", id: "grafana", name: "Grafana", version: "9.0.0" },
      {
        type: "datasource",
        id: "prometheus",
        name: "Prometheus",
        version: "1.0.0",
      },
      { type: "panel", id: "stat", name: "Stat", version: "" },
      { type: "panel", id: "timeseries", name: "Time series", version: "" },
    ],
    id: null,
    uid: `corn-${name}`.slice(0, 40),
    title: `corn: ${name}`,
    tags: ["corn"],
    editable: true,
    graphTooltip: 1,
    schemaVersion: 36,
    refresh: "15s",
    time: { from: "now-1h", to: "now" },
    timezone: "",
    templating: {
      list: [
        variable("job", "label_values(corn_build_info, job)", {
          many: false,
          chosen: name,
        }),
        variable(
          "instance",
          'label_values(corn_build_info{job="$job"}, instance)',
          { many: true, chosen: "All" },
        ),
      ],
    },
    annotations: {
      list: [{
        name: "Reloads",
        datasource: SOURCE,
        enable: true,
        iconColor: "blue",
        expr:
          'changes(corn_generation{job="$job",instance=~"$instance"}[$__interval]) > 0',
        titleFormat: "Reload",
        step: "15s",
      }],
    },
    panels: place(PANELS),
  };
  const text = `${JSON.stringify(dashboard, undefined, 2)}\n`;
  return [{ name: `${name}.grafana.json`, text }];
}

function variable(
  name: string,
  query: string,
  { many, chosen }: { readonly many: boolean; readonly chosen: string },
): object {
  return {
    name,
    label: name,
    type: "query",
    datasource: SOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    hide: 0,
    multi: many,
    includeAll: many,
    current: {
      text: chosen,
      value: many ? "$__all" : chosen,
    },
  };
}

/** Puts panels beside and below each other. */
function place(panels: readonly Panel[]): object[] {
  let x = 0;
  let y = 0;
  let height = 0;
  return panels.map((panel, index) => {
    if (x + panel.width > COLUMNS) {
      x = 0;
      y += height;
      height = 0;
    }
    const h = HEIGHTS[panel.kind];
    height = Math.max(height, h);
    const gridPos = { x, y, w: panel.width, h };
    x += panel.width;
    return {
      id: index + 1,
      title: panel.title,
      type: panel.kind,
      datasource: SOURCE,
      gridPos,
      fieldConfig: {
        defaults: { unit: panel.unit, min: 0 },
        overrides: [],
      },
      options: panel.kind === "stat"
        ? {
          colorMode: "none",
          graphMode: "area",
          reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        }
        : {
          legend: {
            calcs: [],
            displayMode: "list",
            placement: "bottom",
            showLegend: true,
          },
          tooltip: { mode: "multi", sort: "desc" },
        },
      targets: panel.queries.map(({ expr, legend }, at) => ({
        refId: String.fromCharCode(65 + at),
        datasource: SOURCE,
        expr,
        legendFormat: legend,
      })),
    };
  });
}
