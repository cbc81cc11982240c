/** What can be made. */
import { makeCaddy } from "./caddy.ts";
import { makeCompose } from "./compose.ts";
import { makeDocker } from "./docker.ts";
import type { MadeFile } from "./file.ts";
import { makeGrafana } from "./grafana.ts";
import { makeKubernetes } from "./kubernetes.ts";
import { makeNginx } from "./nginx.ts";
import { makePrometheus } from "./prometheus.ts";
import type { Subject } from "./subject.ts";
import { makeSystemd } from "./systemd.ts";

export interface MakeOptions {
  /** The systemd that the unit is for. */
  readonly systemd?: number | undefined;
}

/** A kind of file, what it writes, and how it is made. */
export interface Kind {
  readonly meaning: string;
  make(subject: Subject, options: MakeOptions): MadeFile[];
}

export const KINDS: Readonly<Record<string, Kind>> = {
  systemd: {
    meaning: "a .service and a .socket unit",
    make: makeSystemd,
  },
  nginx: { meaning: "a site of nginx in front", make: makeNginx },
  caddy: { meaning: "a Caddyfile", make: makeCaddy },
  docker: { meaning: "Dockerfile and .dockerignore", make: makeDocker },
  compose: { meaning: "compose.yaml, beside them", make: makeCompose },
  k8s: {
    meaning: "Deployment, Service, autoscaler and disruption budget",
    make: makeKubernetes,
  },
  prometheus: {
    meaning: "what Prometheus scrapes, and alert rules",
    make: makePrometheus,
  },
  grafana: { meaning: "a dashboard to import", make: makeGrafana },
};
