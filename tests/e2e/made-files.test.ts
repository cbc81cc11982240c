// runtimes: node24
/** What `corn make` and `corn completion` write, read by the tools that it is for. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { completionWords } from "../../src/cli/completion.ts";
import { bashCompletion } from "../../src/make/completion/bash.ts";
import { fishCompletion } from "../../src/make/completion/fish.ts";
import { zshCompletion } from "../../src/make/completion/zsh.ts";
import { makeCaddy } from "../../src/make/caddy.ts";
import { makeCompose } from "../../src/make/compose.ts";
import type { MadeFile } from "../../src/make/file.ts";
import { makeKubernetes } from "../../src/make/kubernetes.ts";
import { makeNginx } from "../../src/make/nginx.ts";
import { PANELS } from "../../src/make/panels.ts";
import { makePrometheus } from "../../src/make/prometheus.ts";
import type { Subject } from "../../src/make/subject.ts";
import { makeSystemd } from "../../src/make/systemd.ts";
import { subject } from "../make/support.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";

const files = promises("made files");

/** What a container's user may not do. */
const OF_ROOT = ["--unix-owner", "www-data:adm"];

/** Configs that differ in all that the files depend on. */
const GIVEN: readonly (readonly string[])[] = [
  ["app.ts"],
  [
    ...['app.ts:create({"a":"$(B) %i"})', "-w", "3", "-e", "A=$x 'y' #z"],
    ...["-b", "[::]:8001,unix:/run/shop/a.sock", "--keep-alive", "0"],
    ...["--limit-request-body", "3m", "--request-timeout", "100"],
    ...["--metrics", "--admin", "0.0.0.0:9101", "--drain-delay", "7"],
    ...["--forwarded-allow-ips", "10.0.0.1", "--base-path", "/shop"],
    ...["--pid", "/run/shop/pid", "--error-logfile", "/var/log/shop/e.log"],
    ...[...OF_ROOT, "--name", "The $hop, 100%"],
  ],
];

const ENV = { CORN_LOG_LEVEL: "warning", CORN_WORKER_ARGS: "--a 'b c'" };

/** A subject for each config; the program must be there for systemd-analyze. */
function subjects(
  { inContainer = false }: { readonly inContainer?: boolean } = {},
): Promise<Subject[]> {
  const start = [process.execPath, "/srv/shop/node_modules/corn/bin/corn.js"];
  return Promise.all(
    GIVEN.map((given) =>
      subject(
        given.filter((word) => !inContainer || !OF_ROOT.includes(word)),
        { env: ENV, start },
      )
    ),
  );
}

/** Runs a tool; undefined where it is not installed. */
function run(tool: string, args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(tool, args, {
    encoding: "utf8",
    timeout: 30_000,
  });
  return error === undefined ? { status, output: stdout + stderr } : undefined;
}

/** Writes files into a folder of their own and gives their paths. */
function write(lab: Lab, made: readonly MadeFile[], at: number): string[] {
  return made.map(({ name, text }) => lab.write(`${at}/${name}`, text));
}

files("systemd takes the units", async (lab) => {
  for (const systemd of [252, 253]) {
    for (const [at, one] of (await subjects()).entries()) {
      const made = makeSystemd(one, { systemd });
      for (const path of write(lab, made, at)) {
        const judged = run("systemd-analyze", ["verify", "--man=no", path]);
        if (judged === undefined) {
          return lab.skip("there is no systemd-analyze");
        }
        // An older one does not know the newer type.
        const known = judged.output.split("\n").filter((line) =>
          line !== "" && !/notify-reload|has a bad unit file setting/.test(line)
        );
        assert.equal(known, []);
      }
    }
  }
});

files("nginx takes the sites, side by side", async (lab) => {
  const made = (await subjects()).flatMap(makeNginx);
  assert.is(new Set(made.map(({ name }) => name)).size, made.length);
  const paths = write(lab, made, 0);
  const main = lab.write(
    "nginx.conf",
    `pid ${lab.folder}/pid; error_log stderr; events {} http { access_log off; ${
      paths.map((path) => `include ${path};`).join(" ")
    } }`.replaceAll("; ", ";\n"),
  );
  const judged = run("nginx", ["-t", "-c", main, "-e", "stderr"]);
  if (judged === undefined) return lab.skip("nginx is not installed");
  assert.match(judged.output, "test is successful");
  assert.not.match(judged.output, "[emerg]");
  lab.forgive(`${lab.folder}/pid`);
});

files("Caddy takes the sites", async (lab) => {
  for (const [at, one] of (await subjects()).entries()) {
    const [path = ""] = write(lab, makeCaddy(one), at);
    const args = ["validate", "--adapter", "caddyfile", "--config", path];
    const judged = run("caddy", args);
    if (judged === undefined) return lab.skip("Caddy is not installed");
    assert.is(judged.status, 0, judged.output);
  }
});

/** What these tests use of the package yaml. */
interface Yaml {
  parseAllDocuments(text: string): readonly {
    readonly errors: readonly Error[];
    readonly warnings: readonly Error[];
    toJS(): unknown;
  }[];
}

/** The package, or undefined where it is not installed; its name is no literal, for it is for these tests alone. */
function installed<Module>(name: string): Promise<Module | undefined> {
  return import(name).catch(() => undefined);
}

/** What these tests look at in a manifest. */
interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly { readonly command: string[] }[];
      };
    };
  };
}

files("Kubernetes' schemas take the manifests", async (lab) => {
  const yaml = await installed<Yaml>("yaml");
  if (yaml === undefined) return lab.skip("the package yaml is missing");
  if (!await installed("kubernetes-models/v1/Service")) {
    return lab.skip("the package kubernetes-models is missing");
  }
  for (const one of await subjects({ inContainer: true })) {
    const [made] = makeKubernetes(one);
    const documents = yaml.parseAllDocuments(made!.text).map((document) => {
      assert.equal([...document.errors, ...document.warnings], []);
      return document.toJS() as Document;
    });
    assert.equal(documents.map(({ kind }) => kind), [
      "Deployment",
      "Service",
      "HorizontalPodAutoscaler",
      "PodDisruptionBudget",
    ]);
    for (const document of documents) {
      const { apiVersion, kind } = document;
      const module = await import(`kubernetes-models/${apiVersion}/${kind}`);
      const Model = module[kind] as new (data: object) => { validate(): void };
      new Model(document).validate();
      const bad = { ...document, spec: { ...document.spec, selector: 1 } };
      if (kind !== "HorizontalPodAutoscaler") {
        assert.throws(() => new Model(bad).validate());
      }
    }
    const [container] = documents[0]!.spec.template!.spec.containers;
    const command = container!.command.map((word) =>
      word.replaceAll("$$(", "$(")
    );
    assert.equal(
      command.slice(2, 2 + one.given.length),
      one.given,
      "as it was given",
    );
  }
});

files("the file of Compose is YAML of the right shape", async (lab) => {
  const yaml = await installed<Yaml>("yaml");
  if (yaml === undefined) return lab.skip("the package yaml is missing");
  for (const one of await subjects({ inContainer: true })) {
    const [made] = makeCompose(one);
    const [document] = yaml.parseAllDocuments(made!.text);
    assert.equal([...document!.errors, ...document!.warnings], []);
    const { services } = document!.toJS() as {
      services: Record<string, { command: string[] }>;
    };
    const { command } = services[one.name]!;
    assert.equal(
      command.slice(2, 2 + one.given.length),
      one.given.map((word) => word.replaceAll("$", "$$$$")),
    );
  }
});

files("Prometheus takes its config, the alerts and the panels", async (lab) => {
  for (const [at, one] of (await subjects()).entries()) {
    const [config = "", rules = ""] = write(lab, makePrometheus(one), at);
    const judged = run("promtool", ["check", "config", config]);
    if (judged === undefined) return lab.skip("there is no promtool");
    assert.is(judged.status, 0, judged.output);
    const judgedRules = run("promtool", ["check", "rules", rules]);
    assert.is(judgedRules?.status, 0, judgedRules?.output ?? "");
  }
  // A rule for each expression of a panel, with what Grafana puts in.
  const recorded = PANELS.flatMap(({ queries }) => queries)
    .map(({ expr }, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll("$__rate_interval", "1m"),
    }));
  const text = JSON.stringify({ groups: [{ name: "a", rules: recorded }] });
  const judged = run("promtool", [
    "check",
    "rules",
    lab.write("panels.yml", text),
  ]);
  assert.is(judged?.status, 0, judged?.output ?? "");
});

/** What bash offers behind these words. */
function offered(script: string, words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const { output = "" } = run("bash", [
    "-c",
    `source '${script}'; COMP_WORDS=(${quoted}); COMP_CWORD=${
      words.length - 1
    }; _corn; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]) ?? {};
  return output.split("\n").filter((word) => word !== "");
}

files("bash completes flags, their values, commands and kinds", (lab) => {
  const script = lab.write("corn.bash", bashCompletion(completionWords()));
  assert.equal(offered(script, ["corn", "--worker-c"]), [
    "--worker-class",
    "--worker-connections",
  ]);
  assert.equal(offered(script, ["corn", "--http", "w"]), ["wire"]);
  assert.equal(offered(script, ["corn", "mak"]), ["make"]);
  assert.equal(offered(script, ["corn", "make", "p"]), ["prometheus"]);
  assert.equal(offered(script, ["corn", "completion", "f"]), ["fish"]);
  assert.equal(offered(script, ["corn", "restart", ""]), ["all"]);
  assert.equal(offered(script, ["corn", "scale", ""]), ["auto"]);
  // What takes no word, or a worker's number, is offered no file.
  assert.equal(offered(script, ["corn", "reload", ""]), []);
  assert.equal(offered(script, ["corn", "stack", ""]), []);
  assert.ok(
    offered(script, ["corn", "--pid", `${lab.folder}/c`])
      .includes(`${lab.folder}/corn.bash`),
  );
});

files("zsh reads its completion", (lab) => {
  const script = lab.write("_corn", zshCompletion(completionWords()));
  const judged = run("zsh", ["-n", script]);
  if (judged === undefined) return lab.skip("zsh is not installed");
  assert.equal(judged, { status: 0, output: "" });
  // What _arguments is called with is what it takes apart.
  const asked = run("zsh", [
    "-fc",
    `_arguments() { print -rl -- "$@" }; source '${script}'`,
  ]);
  assert.match(asked?.output ?? "", "\n*--http[HTTP server");
  assert.match(asked?.output ?? "", ":value:(auto native wire)\n");
});

files("fish reads its completion", (lab) => {
  const script = lab.write("corn.fish", fishCompletion(completionWords()));
  const judged = run("fish", ["--no-execute", script]);
  if (judged === undefined) return lab.skip("fish is not installed");
  assert.equal(judged, { status: 0, output: "" });
  lab.write("app.ts", "");
  const behind = (words: string) =>
    run("fish", [
      "-c",
      `cd '${lab.folder}'; source '${script}'; complete -C 'corn ${words}'`,
    ])?.output.split("\n").map((line) => line.split("\t", 1)[0]);
  assert.equal(behind("restart "), ["all", ""]);
  assert.equal(behind("reload "), [""]);
  assert.ok(behind("-w 2 a")?.includes("app.ts"));
});

files.run();
