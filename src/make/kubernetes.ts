/** A Deployment, a Service, a HorizontalPodAutoscaler and a PodDisruptionBudget. */
import { containerStart, imageOf } from "./container.ts";
import { lines } from "./file.ts";
import type { MadeFile } from "./file.ts";
import { startSeconds, stopReasons, stopSeconds } from "./subject.ts";
import type { Subject } from "./subject.ts";
import { tlsFolders } from "./tls-files.ts";
import type { TlsFile } from "./tls-files.ts";
import { openAdmin, openPorts } from "./upstream.ts";
import { containerFolders } from "./written.ts";
import { indented, yamlText } from "./yaml.ts";

const KIND = "k8s";

/** How often a pod is asked whether it is ready, in seconds, and how many refusals in a row count. */
const PERIOD = 2;
const FAILURES = 2;

/** How long corn goes on accepting after TERM where no setting says it: until all have heard that the pod ends. */
const DRAIN_DELAY = PERIOD * FAILURES + 1;

/** Workers of a pod where no setting says it: one for each of the processors in its limits. */
const PROCESSORS = 2;

/** Open requests that a worker should have at most, before there is another pod. */
const OPEN_REQUESTS = 10;

export function makeKubernetes(subject: Subject): MadeFile[] {
  const { name } = subject;
  const text = [deployment, service, autoscaler, budget]
    .map((part) => part(subject))
    .join("---\n");
  return [{ name: `${name}.yaml`, text }];
}

function deployment(subject: Subject): string {
  const { name, config, variables } = subject;
  const { settings } = config;
  const delay = settings.drainDelay || DRAIN_DELAY;
  const admin = openAdmin(subject);
  const { command, ports } = containerStart(subject, {
    kind: KIND,
    more: [
      ...admin.flags,
      ...(settings.drainDelay ? [] : ["--drain-delay", String(delay)]),
    ],
  });
  const { uid } = imageOf(subject);
  const folders = tlsFolders(subject, KIND);
  const written = containerFolders(subject, KIND);
  const lowest = Math.min(admin.port, ...ports.map(({ port }) => port));
  return lines(
    `# kubectl apply -f ${name}.yaml; corn make docker writes the image's Dockerfile.`,
    ...head("apps/v1", "Deployment", name),
    "spec:",
    "  # The HorizontalPodAutoscaler sets replicas.",
    "  selector:",
    `    matchLabels: { app: ${yamlText(name)} }`,
    "  strategy:",
    "    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }",
    "  template:",
    "    metadata:",
    `      labels: { app: ${yamlText(name)} }`,
    "      annotations:",
    '        prometheus.io/scrape: "true"',
    `        prometheus.io/port: "${admin.port}"`,
    "        prometheus.io/path: /metrics",
    "    spec:",
    `      # ${stopReasons(config, delay)}.`,
    `      terminationGracePeriodSeconds: ${stopSeconds(config, delay)}`,
    "      # No variables of other services, which settings of corn's might be.",
    "      enableServiceLinks: false",
    "      automountServiceAccountToken: false",
    "      securityContext:",
    "        runAsNonRoot: true",
    `        runAsUser: ${uid}`,
    `        runAsGroup: ${uid}`,
    folders.length > 0 ? `        fsGroup: ${uid}` : undefined,
    "        seccompProfile: { type: RuntimeDefault }",
    lowest < 1024
      ? [
        "        # Ports below 1024 are otherwise root's.",
        "        sysctls:",
        `          - { name: net.ipv4.ip_unprivileged_port_start, value: "${lowest}" }`,
      ]
      : undefined,
    "      containers:",
    `        - name: ${yamlText(name)}`,
    "          # Where the image was pushed to.",
    `          image: ${yamlText(`${name}:latest`)}`,
    "          # No preStop: corn itself goes on accepting for drainDelay after TERM.",
    "          command:",
    indented(12, command.map((word) => `- ${yamlText(expandable(word))}`)),
    Object.keys(variables).length > 0
      ? [
        "          env:",
        ...indented(
          12,
          Object.entries(variables).flatMap(([name, value]) => [
            `- name: ${yamlText(name)}`,
            `  value: ${JSON.stringify(expandable(value))}`,
          ]),
        ),
      ]
      : undefined,
    "          ports:",
    ports.map(({ port, scheme }) =>
      `            - { name: ${scheme}, containerPort: ${port} }`
    ),
    `            - { name: admin, containerPort: ${admin.port} }`,
    `          # Until bootTimeout, ${settings.bootTimeout}, is over.`,
    "          startupProbe:",
    "            httpGet: { path: /ready, port: admin }",
    `            periodSeconds: ${PERIOD}`,
    `            failureThreshold: ${Math.ceil(startSeconds(config) / PERIOD)}`,
    "          readinessProbe:",
    "            httpGet: { path: /ready, port: admin }",
    `            periodSeconds: ${PERIOD}`,
    `            failureThreshold: ${FAILURES}`,
    "          # Of the arbiter alone: it replaces workers that hang, no pod need end.",
    "          livenessProbe:",
    "            httpGet: { path: /health, port: admin }",
    "            periodSeconds: 10",
    "            failureThreshold: 3",
    "          # workers auto is one for each processor of the limits.",
    "          resources:",
    "            requests: { cpu: 500m, memory: 256Mi }",
    `            limits: { cpu: "${PROCESSORS}", memory: 1Gi }`,
    "          securityContext:",
    "            allowPrivilegeEscalation: false",
    "            readOnlyRootFilesystem: true",
    "            capabilities: { drop: [ALL] }",
    "          volumeMounts:",
    "            - { name: tmp, mountPath: /tmp }",
    written.map(({ folder }, at) =>
      `            - { name: written-${at + 1}, mountPath: ${
        yamlText(folder)
      } }`
    ),
    folders.map(({ to }, at) =>
      `            - { name: ${volumeOf(at)}, mountPath: ${
        yamlText(to)
      }, readOnly: true }`
    ),
    "      volumes:",
    "        - name: tmp",
    "          emptyDir: {}",
    written.flatMap((_, at) => [
      `        - name: written-${at + 1}`,
      "          emptyDir: {}",
    ]),
    folders.flatMap(({ files }, at) => [
      `        # kubectl create secret, or cert-manager; corn reads a new one by itself.`,
      `        - name: ${volumeOf(at)}`,
      `          secret:`,
      `            secretName: ${yamlText(`${name}-${volumeOf(at)}`)}`,
      `            defaultMode: 0440`,
      ...itemsOf(files),
    ]),
  );
}

function volumeOf(at: number): string {
  return at === 0 ? "tls" : `tls-${at + 1}`;
}

/** What the files of a Secret are called, where it is not as in the Secret. */
function itemsOf(files: readonly TlsFile[]): string[] {
  if (files.every(({ name, key }) => name === key)) return [];
  return [
    "            items:",
    ...files.map(({ name, key }) =>
      `              - { key: ${yamlText(key)}, path: ${yamlText(name)} }`
    ),
  ];
}

function service(subject: Subject): string {
  const { name } = subject;
  const { ports } = openPorts(subject, KIND);
  return lines(
    ...head("v1", "Service", name),
    "spec:",
    `  selector: { app: ${yamlText(name)} }`,
    "  ports:",
    ports.map(({ scheme }) =>
      `    - { name: ${scheme}, port: ${
        scheme === "http" ? 80 : 443
      }, targetPort: ${scheme} }`
    ),
  );
}

function autoscaler({ name, config }: Subject): string {
  const { workers } = config.settings;
  const most = typeof workers === "object" ? workers.max : workers;
  const count = typeof most === "number" ? most : PROCESSORS;
  return lines(
    "# By the open requests of a pod, from corn's metrics, where something serves",
    "# custom.metrics.k8s.io, such as prometheus-adapter, and by its processors.",
    ...head("autoscaling/v2", "HorizontalPodAutoscaler", name),
    "spec:",
    "  scaleTargetRef:",
    "    apiVersion: apps/v1",
    "    kind: Deployment",
    `    name: ${yamlText(name)}`,
    "  minReplicas: 2",
    "  maxReplicas: 10",
    "  metrics:",
    "    - type: Pods",
    "      pods:",
    "        metric: { name: http_server_active_requests }",
    `        target: { type: AverageValue, averageValue: "${
      count * OPEN_REQUESTS
    }" }`,
    "    - type: Resource",
    "      resource:",
    "        name: cpu",
    "        target: { type: Utilization, averageUtilization: 80 }",
    "  behavior:",
    "    # Up at once, down slowly.",
    "    scaleUp: { stabilizationWindowSeconds: 0 }",
    "    scaleDown:",
    "      stabilizationWindowSeconds: 300",
    "      policies:",
    "        - { type: Pods, value: 1, periodSeconds: 60 }",
  );
}

function budget({ name }: Subject): string {
  return lines(
    ...head("policy/v1", "PodDisruptionBudget", name),
    "spec:",
    "  maxUnavailable: 1",
    "  selector:",
    `    matchLabels: { app: ${yamlText(name)} }`,
  );
}

function head(version: string, kind: string, name: string): string[] {
  return [
    `apiVersion: ${version}`,
    `kind: ${kind}`,
    "metadata:",
    `  name: ${yamlText(name)}`,
    `  labels: { app: ${yamlText(name)} }`,
  ];
}

/** `$(NAME)` stands for a variable in a container's command and environment. */
function expandable(text: string): string {
  return text.replaceAll("$(", "$$$$(");
}
