import process from "node:process";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { maskCommand, maskSecrets } from "../../src/base/secrets.ts";
import { splitWords } from "../../src/base/split.ts";
import { parseValue } from "../../src/config/table/values.ts";

const secrets = suite("secrets");

secrets("maskCommand() hides secrets however they are given", () => {
  for (
    const [words, shown] of [
      [["corn", "--env", "API_TOKEN=a b"], "corn --env API_TOKEN=***"],
      [["corn", "-e", "API_TOKEN=a b"], "corn -e API_TOKEN=***"],
      [["corn", "--env=API_TOKEN=a,b c"], "corn --env=API_TOKEN=***"],
      [["corn", "-eDB_PASSWORD=a b"], "corn -eDB_PASSWORD=***"],
      [["corn", "--env", "DB=pg://u:p@h/d"], "corn --env DB=***"],
      [["corn", "--env", "=pg://u:p@h/d"], "corn --env =***"],
      [["corn", "--env", "PORT=1", "app.ts"], "corn --env PORT=1 app.ts"],
      [['app.ts:create({"apiKey": "x"})'], 'app.ts:create({"apiKey": ***})'],
      [["corn", "--db-password", "a b"], "corn --db-password ***"],
      [["node", "--import", "./token.js"], "node --import ./token.js"],
      [
        ["corn", "--log-syslog-to", "udp://u:p@h"],
        "corn --log-syslog-to udp://***@h",
      ],
    ] as const
  ) assert.is(maskCommand(words), shown);
});

secrets("maskSecrets() hides what follows a name, whole", () => {
  for (
    const [text, shown] of [
      ["pg://u:p@ss@h/d and http://a/b@c", "pg://***@h/d and http://a/b@c"],
      ["authorization=Bearer abc.def,x=1", "authorization=***,x=1"],
      ["Authorization: Basic YTpi", "Authorization: ***"],
      ["PASSWORD='a b' node x.js", "PASSWORD=*** node x.js"],
      ['{"cookie":"a=b; c","n":1}', '{"cookie":***,"n":1}'],
      ["DB_PASS=a,b,c author=me", "DB_PASS=*** author=me"],
      ["node --api-key abc --port 1", "node --api-key *** --port 1"],
      ["node --token --port 1", "node --token --port 1"],
      ["dd-api-key=x,team=web", "dd-api-key=***,team=web"],
    ] as const
  ) assert.is(maskSecrets(text), shown);
});

secrets("where a secret is may be read", () => {
  const words = [
    ...["corn", "--keyfile", "/tls/a.key", "--keyfile=/tls/a.key"],
    ...["-e", "DB_PASSWORD_FILE=/run/secrets/db"],
  ];
  assert.is(maskCommand(words), words.join(" "));
  assert.is(maskSecrets(words.join(" ")), words.join(" "));
  assert.is(maskCommand(["corn", "--key", "a"]), "corn --key ***");
});

secrets("a value that is refused shows no secret", () => {
  const messageOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  for (
    const message of [
      messageOf(() => splitWords("--env 'API_TOKEN=tops3cret")),
      messageOf(() =>
        parseValue("env", { value: "=1 API_TOKEN=tops3cret", origin: "--env" })
      ),
      messageOf(() =>
        parseValue("statsdHost", {
          value: "http://u:tops3cret@h",
          origin: "--statsd-host",
        })
      ),
    ]
  ) {
    assert.match(message, /^Cannot/);
    assert.not.match(message, "tops3cret");
  }
});

secrets("a long value is looked through in linear time", () => {
  const from = process.cpuUsage();
  maskCommand(["a-".repeat(500_000), `x="${'\\"a'.repeat(200_000)}`]);
  for (const piece of ["x='", "x=,a", "://", "--token ", "--", "x=bearer "]) {
    maskSecrets(piece.repeat(100_000));
  }
  const { user } = process.cpuUsage(from);
  assert.ok(user < 5_000_000, `${user} µs`);
});

secrets.run();
