import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { environmentLayer } from "../../../src/config/sources/environment.ts";
import { ConfigError } from "../../../src/base/errors.ts";

const environment = suite("environment");

const unknown: readonly [string, string][] = [
  ["CORN_WORKER", ", did you mean CORN_WORKERS?"],
  ["CORN_WROKERS", ", did you mean CORN_WORKERS?"],
  ["CORN_GRACEFULTIMEOUT", ", did you mean CORN_GRACEFUL_TIMEOUT?"],
  ["CORN_PORT", ", did you mean PORT?"],
  ["CORN_WEB_CONCURRENCY", ", did you mean WEB_CONCURRENCY?"],
  ["CORN_APPS", ", did you mean CORN_APP?"],
  ["CORN_HOST", ""],
];
for (const [variable, hint] of unknown) {
  environment(`environmentLayer() refuses ${variable}`, () => {
    assert.throws(
      () => environmentLayer({ [variable]: "3000" }),
      (error: unknown) =>
        error instanceof ConfigError &&
        error.message ===
          `Cannot use ${variable} from the environment: no such setting${hint}`,
    );
  });
}

environment("environmentLayer() tells of all variables at once", () => {
  assert.throws(
    () => environmentLayer({ CORN_WROKERS: "1", CORN_CHECK_CONFIG: "1" }),
    (error: unknown) =>
      error instanceof ConfigError && error.parts.length === 2 &&
      /CORN_WROKERS .*\n.*CORN_CHECK_CONFIG /.test(error.message),
  );
});

const ignored: readonly [string, string][] = [
  ["CORN_CMD_ARGS", "-w 3"],
  ["CORN_WORKER_ID", "1"],
  ["CORN_FD", "4"],
  ["CORN_PID", "1234"],
  ["CORN_SERVICE_HOST", "10.0.0.11"],
  ["CORN_SERVICE_PORT", "80"],
  ["CORN_SERVICE_PORT_HTTP", "80"],
  ["CORN_PORT", "tcp://10.0.0.11:80"],
  ["CORN_PORT_80_TCP", "tcp://10.0.0.11:80"],
  ["CORN_PORT_80_TCP_ADDR", "10.0.0.11"],
  ["CORN_CANARY_SERVICE_HOST", "10.0.0.11"],
  ["CORN_CANARY_PORT", "tcp://10.0.0.11:80"],
  ["OTHER", "x"],
  ["CORN_ANYTHING", ""],
];
for (const [variable, value] of ignored) {
  environment(`environmentLayer() leaves ${variable}=${value} alone`, () => {
    assert.equal(environmentLayer({ [variable]: value }).values, {});
  });
}

environment(
  "environmentLayer() takes CORN_PID for the pid file and CORN_APP for the app",
  () => {
    const layer = environmentLayer({
      CORN_PID: "/run/a.pid",
      CORN_APP: "app.ts",
    });
    assert.equal(layer.values.pid, { value: "/run/a.pid", origin: "CORN_PID" });
    assert.is(layer.app, "app.ts");
  },
);

environment.run();
