import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  compileCacheFolder,
  givenCompileCache,
} from "../../../src/base/files/compile-cache.ts";

const cache = suite("compile-cache");
const HOME = "/home/ann";

cache("compileCacheFolder() is the user's own", () => {
  const of = (env: Record<string, string>, uid = 1000, user = uid) =>
    compileCacheFolder({ setting: "auto", env, uid, user });
  assert.is(of({ HOME }), "/home/ann/.cache/corn/1000");
  assert.is(of({ HOME, XDG_CACHE_HOME: "/c" }), "/c/corn/1000");
  assert.is(
    of({ HOME, XDG_CACHE_HOME: "c" }),
    "/home/ann/.cache/corn/1000",
    "a relative one is to be ignored",
  );
  assert.is(of({}), undefined);
  assert.is(of({ HOME: "" }), undefined);
});

cache("compileCacheFolder() goes by no HOME where root asks", () => {
  const of = (user: number) =>
    compileCacheFolder({ setting: "auto", env: { HOME }, uid: 0, user });
  assert.is(of(0), "/var/cache/corn/0");
  assert.is(of(33), "/var/cache/corn/33");
});

cache("compileCacheFolder() has a folder for each user in a given one", () => {
  const of = (setting: string, user: number) =>
    compileCacheFolder({ setting, env: { HOME }, uid: 0, user });
  assert.is(of("/srv/cache", 0), "/srv/cache/0");
  assert.is(of("/srv/cache/", 33), "/srv/cache/33");
  assert.is(of("off", 0), undefined);
  assert.is(of("cache", 0), undefined);
});

cache("compileCacheFolder() leaves it to Node where a variable does", () => {
  for (const name of ["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE"]) {
    const env = { HOME, [name]: "1" };
    assert.is(
      compileCacheFolder({ setting: "auto", env, uid: 1000 }),
      undefined,
    );
  }
});

cache("givenCompileCache() takes the last flag, then the variables", () => {
  assert.is(givenCompileCache([], {}), "auto");
  assert.is(givenCompileCache(["a.ts", "--compile-cache", "off"], {}), "off");
  assert.is(givenCompileCache(["--compile-cache=/a=b", "a.ts"], {}), "/a=b");
  assert.is(
    givenCompileCache(["--compile-cache=/a", "--compile=/b"], {}),
    "/b",
  );
  assert.is(givenCompileCache(["--compi=/a"], {}), "/a");
  assert.is(givenCompileCache(["--", "--compile-cache=/a"], {}), "auto");
  assert.is(givenCompileCache(["--compile-cache=/a", "--", "b"], {}), "/a");
  const env = {
    CORN_CMD_ARGS: "-w 2 --compile-cache '/a b'",
    CORN_COMPILE_CACHE: "/c",
  };
  assert.is(givenCompileCache(["--compile-cache=/a"], env), "/a");
  assert.is(givenCompileCache([], env), "/a b");
  assert.is(givenCompileCache([], { CORN_COMPILE_CACHE: "/c" }), "/c");
});

cache("givenCompileCache() leaves what is wrong to others", () => {
  assert.is(
    givenCompileCache([], { CORN_CMD_ARGS: "--compile-cache '" }),
    "auto",
  );
  assert.is(givenCompileCache(["--compile-cache"], {}), "auto");
  assert.is(givenCompileCache(["--c=/a", "--config", "/b"], {}), "auto");
});

cache.run();
