import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { makeCompose } from "../../src/make/compose.ts";
import { makeDocker } from "../../src/make/docker.ts";
import { makeKubernetes } from "../../src/make/kubernetes.ts";
import { failure } from "../config/support.ts";
import { subject, textOf } from "./support.ts";
import type { SubjectOptions } from "./support.ts";

const container = suite("container");

async function dockerfile(given: readonly string[], more?: SubjectOptions) {
  return textOf(makeDocker(await subject(given, more)), "Dockerfile");
}

/** The exec form of CMD. */
function commandOf(dockerfile: string): string[] {
  return JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? "");
}

container("makeDocker() starts the same command in the image", async () => {
  const made = await dockerfile([
    ...['app.ts:create({"a":1})', "--config", "/srv/shop/conf/corn.json"],
    ...["-b", ":80"],
  ], {
    folder: "/srv/shop",
    start: [
      "/usr/bin/node",
      "--max-old-space-size=300",
      "/srv/shop/node_modules/corn/bin/corn.js",
    ],
  }).catch((error) => error.message);
  // There is no such config file.
  assert.match(made, /corn\.json/);
  const text = await dockerfile(['app.ts:create({"a":1})', "-b", ":80"], {
    start: ["/usr/bin/node", "--no-opt", "/opt/corn/bin/corn.js"],
  });
  assert.equal(commandOf(text), [
    ...["node", "--no-opt", "node_modules/corn/bin/corn.js"],
    ...['app.ts:create({"a":1})', "-b", ":80"],
  ]);
  assert.match(text, /^EXPOSE 80$/m);
  const moved = await dockerfile(["app.ts", "--pid=/srv/shop/run/pid"]);
  assert.ok(commandOf(moved).includes("--pid=/srv/app/run/pid"));
});

container("makeDocker() listens where the container is reached", async () => {
  const plain = await dockerfile(["app.ts"]);
  assert.equal(commandOf(plain).slice(-2), ["--bind", "0.0.0.0:8000"]);
  const port = await dockerfile(["app.ts"], { env: { PORT: "3000" } });
  assert.match(port, /^ENV PORT="3000"$/m);
  assert.match(port, /^EXPOSE 3000$/m);
  const loopback = await failure(
    dockerfile(["app.ts"], { file: { bind: "127.0.0.1:3000" } }),
  );
  assert.match(
    loopback.message,
    "bind is 127.0.0.1:3000 from corn.config.ts, which is reached from within",
  );
});

container("makeDocker() takes the image of the runtime in use", async () => {
  const node = await dockerfile(["app.ts"]);
  assert.match(node, /^FROM node:24-slim$/m);
  assert.match(node, /^RUN npm ci --omit=dev$/m);
  assert.match(node, /^USER node$/m);
  const bun = await dockerfile(["app.ts", "--runtime", "bun"]);
  assert.match(bun, /^FROM oven\/bun:1-slim$/m);
  assert.match(bun, /^USER bun$/m);
  assert.is(commandOf(bun)[0], "bun");
  const deno = await dockerfile(["app.ts"], {
    runtime: "deno",
    version: "2.9.5",
    start: ["/usr/bin/deno", "run", "-A", "/srv/shop/mod.ts"],
  });
  assert.match(deno, /^FROM denoland\/deno:debian-2\.9\.5$/m);
  assert.match(deno, /^USER deno$/m);
  assert.match(deno, /^COPY .*package\.json/m, "Deno reads it, too");
  assert.equal(commandOf(deno).slice(0, 4), ["deno", "run", "-A", "mod.ts"]);
});

container("makeDocker() installs by the lock file that is there", async () => {
  const npm = "COPY package.json package-lock.json ./\nRUN npm ci --omit=dev\n";
  const frozen = "RUN bun install --production --frozen-lockfile\n";
  const deno = "RUN deno install --node-modules-dir=auto";
  const wanted = {
    "node package-lock.json": npm,
    "node bun.lock": "COPY package.json ./\nRUN npm install --omit=dev\n",
    "bun bun.lock": `COPY package.json bun.lock ./\n${frozen}`,
    "bun package-lock.json":
      "COPY package.json ./\nRUN bun install --production\n",
    "deno deno.lock,package.json,bun.lock":
      `COPY deno.lock package.json ./\n${deno} --frozen\n`,
    "deno deno.json": `COPY deno.json ./\n${deno}\n`,
    "deno ": `COPY package.json ./\n${deno}\n`,
  };
  for (const [given, lines] of Object.entries(wanted)) {
    const [runtime = "", files = ""] = given.split(" ");
    const has = (name: string) => files.split(",").includes(name);
    const text = await dockerfile(["app.ts", "--runtime", runtime], { has });
    assert.match(text, `\n${lines}`, given);
  }
});

container(
  "makeDocker() keeps out of the image what it must not have",
  async () => {
    const ignored = textOf(makeDocker(await subject(["app.ts"])), "ignore")
      .split("\n");
    for (const name of ["node_modules", ".git", ".env"]) {
      assert.ok(ignored.includes(name));
    }
  },
);

container("makeKubernetes() ends a pod no sooner than corn ends", async () => {
  const made = async (given: string[], file?: object) =>
    textOf(
      makeKubernetes(await subject(["app.ts", ...given], file && { file })),
      ".yaml",
    );
  const plain = await made([]);
  // Readiness takes 2 x 2 s to notice.
  assert.match(plain, /- "--drain-delay"\n +- "5"\n/);
  assert.match(plain, "terminationGracePeriodSeconds: 40\n");
  const own = await made(["--drain-delay", "8", "--graceful-timeout", "60"]);
  assert.not.match(own, '- "8"\n            - "--drain-delay"');
  assert.match(own, "terminationGracePeriodSeconds: 73\n");
  const hooked = await made(["--boot-timeout", "10"], { onExit() {} });
  assert.match(hooked, "terminationGracePeriodSeconds: 50\n");
  assert.match(
    hooked,
    /\/ready, port: admin \}\n.*2\n +failureThreshold: 13\n/,
  );
});

container("makeKubernetes() asks at --admin", async () => {
  const made = async (given: string[]) =>
    textOf(makeKubernetes(await subject(["app.ts", ...given])), ".yaml");
  const plain = await made([]);
  assert.match(plain, /- "--metrics"\n +- "--admin"\n +- "0\.0\.0\.0:9100"/);
  assert.match(plain, "{ name: admin, containerPort: 9100 }");
  const own = await made(["--metrics", "--admin", ":7000"]);
  assert.match(own, "{ name: admin, containerPort: 7000 }");
  assert.match(own, 'prometheus.io/port: "7000"');
  assert.not.match(own, "0.0.0.0:7000");
  const any = await made(["--admin", "127.0.0.1:0"]);
  assert.match(any, '- "0.0.0.0:9100"');
  const loopback = await made(["--admin", "127.0.0.1:7000"]);
  assert.match(loopback, '- "0.0.0.0:7000"');
});

container(
  "makeKubernetes() adds pods by what a pod's workers can take",
  async () => {
    const targets = { "3": 30, "2..8": 80, "2..": 20, auto: 20 };
    for (const [workers, target] of Object.entries(targets)) {
      const made = makeKubernetes(await subject(["app.ts", "-w", workers]));
      assert.match(textOf(made, ".yaml"), `averageValue: "${target}"`);
    }
  },
);

container(
  "makeKubernetes() writes a word of the command as it is",
  async () => {
    const made = textOf(
      makeKubernetes(await subject(["app.ts", "-e", 'A=$(B) "c": #d'])),
      ".yaml",
    );
    assert.match(made, '- "A=$$(B) \\"c\\": #d"\n');
  },
);

container("makeCompose() gives corn the time of its stop", async () => {
  const given = ["app.ts", "--graceful-timeout", "12", "-e", "A=$B"];
  const made = textOf(makeCompose(await subject(given)), "compose.yaml");
  assert.match(made, /^ {4}command:\n {6}- /m);
  assert.match(made, "stop_grace_period: 17s");
  assert.match(made, "init: true");
  assert.match(made, '- "A=$$B"');
  assert.match(made, '"CMD","node","-e"');
});

const CERTBOT = "/etc/letsencrypt/live/a.example";
const tls = [
  ...["app.ts", "-b", "https://:8443", "-b", "http://:8080"],
  ...["--certfile", "/tls/tls.crt", "--keyfile", "/tls/tls.key"],
  ...["--ca-certs", "/clients/all.pem", "--cert-reqs", "optional"],
  ...["--sni", `a.example=${CERTBOT}/fullchain.pem:${CERTBOT}/privkey.pem`],
];

container("makeKubernetes() serves TLS with keys of a Secret", async () => {
  const made = textOf(makeKubernetes(await subject(tls)), ".yaml");
  for (
    const text of [
      "- { name: http, containerPort: 8080 }",
      "- { name: https, containerPort: 8443 }",
      "- { name: http, port: 80, targetPort: http }",
      "- { name: https, port: 443, targetPort: https }",
      // Probes never come by TLS.
      "httpGet: { path: /ready, port: admin }",
      "fsGroup: 1000",
      "- { name: tls, mountPath: /tls, readOnly: true }",
      `- { name: tls-2, mountPath: ${CERTBOT}, readOnly: true }`,
      "- { name: tls-3, mountPath: /clients, readOnly: true }",
    ]
  ) assert.match(made, text);
  assert.match(made, /name: tls\n +secret:\n +secretName: shop-tls\n.*0440\n/);
  // A Secret of cert-manager has the files as they are called there.
  assert.not.match(made, "key: tls.crt, path: tls.crt");
  assert.match(made, "- { key: tls.crt, path: fullchain.pem }");
  assert.match(made, "- { key: ca.crt, path: all.pem }");
  const plain = textOf(makeKubernetes(await subject(["app.ts"])), ".yaml");
  assert.not.match(plain, /tls|fsGroup|443/);
  const one = ["app.ts", "-b", ":80", "--certfile", "/tls/both.pem"];
  const only = textOf(makeKubernetes(await subject(one)), ".yaml");
  assert.match(only, "- { name: https, port: 443, targetPort: https }");
  assert.match(only, "fsGroup: 1000");
  assert.not.match(only, /name: http,|items:/);
});

container("a Secret has each file once, by a name of its own", async () => {
  const made = textOf(
    makeKubernetes(
      await subject([
        ...["app.ts", "-b", ":443"],
        ...["--certfile", "/tls/a.pem", "--keyfile", "/tls/a.key"],
        ...["--sni", "b.example=/tls/b.pem:/tls/b.key"],
        ...["--sni", "c.example=/tls/a.pem:/tls/a.key"],
      ]),
    ),
    ".yaml",
  );
  assert.equal(
    [...made.matchAll(/- \{ key: (.*), path: (.*) \}/g)].map(([, ...one]) =>
      one
    ),
    [["tls.crt", "a.pem"], ["tls.key", "a.key"], ["b.pem", "b.pem"], [
      ...["b.key", "b.key"],
    ]],
  );
});

container("Docker and Compose mount certificates", async () => {
  const mounts = [
    "/tls:/tls:ro",
    "/etc/letsencrypt:/etc/letsencrypt:ro",
    "/clients:/clients:ro",
  ];
  const text = await dockerfile(tls);
  assert.match(text, /^EXPOSE 8080 8443$/m);
  const compose = textOf(makeCompose(await subject(tls)), "compose.yaml");
  for (const mount of mounts) {
    assert.match(text, `-v ${mount} `);
    assert.match(compose, `      - "${mount}"\n`);
  }
  assert.match(compose, '- "8080:8080"\n      - "8443:8443"');
});

container("Compose mounts the folder of a single certificate", async () => {
  const one = ["app.ts", "-b", ":443", "--certfile", "/tls/both.pem"];
  const compose = textOf(makeCompose(await subject(one)), "compose.yaml");
  assert.match(compose, /volumes:\n {6}# .*\n {6}- "\/tls:\/tls:ro"\n/);
});

container("what is not set is not there", async () => {
  const plain = textOf(makeCompose(await subject(["app.ts"])), "compose.yaml");
  assert.not.match(plain, /environment:|volumes:/);
  const env = { env: { PORT: "3000" } };
  const made = textOf(makeCompose(await subject(["app.ts"], env)), ".yaml");
  assert.match(made, /^ {4}environment:\n {6}PORT: "3000"$/m);
  assert.not.match(
    textOf(makeKubernetes(await subject(["app.ts"])), ".yaml"),
    "env:",
  );
  const pod = textOf(makeKubernetes(await subject(["app.ts"], env)), ".yaml");
  assert.match(pod, /^ {10}env:\n {12}- name: PORT\n {14}value: "3000"$/m);
});

container("each runtime's image is used in its own way", async () => {
  const deno = {
    runtime: "deno" as const,
    version: "2.9.5",
    start: ["/usr/bin/deno", "run", "-A", "/srv/shop/mod.ts"],
    has: (name: string) => name === "deno.json",
  } satisfies SubjectOptions;
  const [own, other] = [
    await dockerfile(["app.ts"], deno),
    await dockerfile(["app.ts"]),
  ];
  assert.match(own, /^RUN chown -R deno \/deno-dir$/m);
  assert.not.match(other, "chown");
  assert.match(other, /^ENV NODE_ENV=production$/m);
  assert.not.match(own, "NODE_ENV");
  assert.match(own, /^COPY deno\.json \.\/$/m, "what is there, and no more");
  assert.match(other, /^# docker build -t shop \. && docker run /m);
  const compose = textOf(makeCompose(await subject(["app.ts"], deno)), ".yaml");
  assert.match(compose, '"CMD","deno","eval","Deno.exit((await fetch(');
  const users = { node: 1000, bun: 1000, deno: 1993 };
  for (const [runtime, uid] of Object.entries(users)) {
    const given = ["app.ts", "-b", ":443", "--certfile", "/tls/both.pem"];
    const made = runtime === "deno"
      ? await subject(given, deno)
      : await subject([...given, "--runtime", runtime]);
    const pod = textOf(makeKubernetes(made), ".yaml");
    assert.match(pod, `runAsUser: ${uid}\n`);
  }
});

container("the app's own folder is another one in the image", async () => {
  const given = ["app.ts", "-e", "A=/srv/shxp", "-e", "B=/srv/sh.p"];
  const folder = "/srv/sh.p";
  const start = ["/usr/bin/node", `${folder}/node_modules/corn/bin/corn.js`];
  const words = commandOf(await dockerfile(given, { folder, start }));
  assert.equal(words.slice(4, 7), ["A=/srv/shxp", "-e", "B=/srv/app"]);
});

container("no image has a key", async () => {
  const made = (certfile: string) =>
    subject(["app.ts", "-b", ":443", "--certfile", certfile]);
  const files = makeDocker(await made("conf/tls/both.pem"));
  assert.match(textOf(files, "ignore"), /^conf\/tls$/m);
  assert.match(
    textOf(files, "Dockerfile"),
    "-v /srv/shop/conf/tls:/srv/app/conf/tls:ro ",
  );
  const refused = await failure(made("both.pem").then(makeDocker));
  assert.match(
    refused.message,
    /^Cannot make docker: certfile is .*both\.pem from .*, in the app's own folder, which goes into the image/,
  );
});

container("a container has the folders that corn writes to", async () => {
  const given = [
    ...["app.ts", "-b", ":80,unix:/run/shop/a.sock", "--pid", "/run/shop/pid"],
    ...["--control", "/srv/shop/run/control", "--compile-cache", "/opt/code"],
    ...["--admin", "unix:/tmp/admin", "--error-logfile", "/var/log/it's/e.log"],
  ];
  const docker = await dockerfile(given);
  const folders = "/run/shop /srv/app/run '/var/log/it'\\''s'";
  assert.match(docker, `RUN mkdir -p ${folders} && chown node ${folders}\n`);
  assert.ok(docker.indexOf("RUN mkdir") < docker.indexOf("USER node"));
  const compose = textOf(makeCompose(await subject(given)), "compose.yaml");
  assert.match(
    compose,
    /tmpfs:\n {6}- \/tmp\n {6}- \/run\/shop\n {6}- \/srv\/app\/run\n/,
  );
  // A log grows, and a tmpfs is memory.
  assert.match(compose, /volumes:\n {6}# .*\n {6}- "\/var\/log\/it's"\n/);
  const pod = textOf(makeKubernetes(await subject(given)), ".yaml");
  assert.match(pod, "- { name: written-1, mountPath: /run/shop }");
  assert.match(pod, "- { name: written-2, mountPath: /srv/app/run }");
  assert.match(pod, `- { name: written-3, mountPath: "/var/log/it's" }`);
  assert.match(pod, /name: written-3\n +emptyDir: \{\}/);
  assert.not.match(pod, "written-4");
  const device = ["app.ts", "--error-logfile", "/dev/stderr"];
  assert.not.match(await dockerfile(device), "mkdir");
  const plain = ["app.ts", "--pid", "/tmp/pid", "--error-logfile", "-"];
  assert.not.match(await dockerfile(plain), "mkdir");
  const own = await failure(dockerfile(["app.ts", "--pid", "corn.pid"]));
  assert.match(
    own.message,
    /^Cannot make docker: pid is \/srv\/shop\/corn\.pid from --pid, in a folder that/,
  );
});

container("no container is told what root alone may do", async () => {
  for (
    const [name, ...given] of [
      ["user", "--user", "shop"],
      ["group", "--group", "shop"],
      ["unixOwner", "--unix-owner", "shop:web"],
      ["controlOwner", "--control-owner", ":web"],
    ]
  ) {
    for (const make of [makeDocker, makeCompose, makeKubernetes]) {
      const made = subject(["app.ts", "-b", ":80", ...given]).then(make);
      const { message } = await failure(made);
      assert.match(
        message,
        new RegExp(`^Cannot make \\w+: ${name} is .*shop|web`),
      );
      assert.match(message, "which only root may do");
    }
  }
  const pool = (more: object) =>
    failure(dockerfile(["app.ts"], {
      file: { tasks: { thumbs: { module: "thumbs.ts", ...more } } },
    }));
  assert.match(
    (await pool({ user: "nobody" })).message,
    'nobody is the user or group of the tasks "thumbs" from corn.config.ts',
  );
  assert.match(
    (await pool({ runtime: "bun" })).message,
    'bun is the runtime of the tasks "thumbs" from corn.config.ts, and the image has node alone',
  );
});

container("makeKubernetes() lets a pod have a port of root's", async () => {
  const made = async (port: string) =>
    textOf(makeKubernetes(await subject(["app.ts", "-b", port])), ".yaml");
  assert.match(
    await made(":80"),
    '- { name: net.ipv4.ip_unprivileged_port_start, value: "80" }',
  );
  assert.match(await made(":1023"), "unprivileged_port_start");
  assert.not.match(await made(":1024"), "sysctls");
});

container("what is for work at a desk goes into no container", async () => {
  for (const make of [makeDocker, makeCompose, makeKubernetes]) {
    const { message } = await failure(
      subject(["app.ts", "--reload"]).then((given) => make(given)),
    );
    assert.match(message, /^Cannot make \w+: reload is .*: leave it out$/);
    const none = await failure(subject([]).then((given) => make(given)));
    assert.match(none.message, /^Cannot make \w+: no app is named/);
  }
});

container.run();
