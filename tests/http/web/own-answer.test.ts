import {
  isOwnAnswer,
  withoutTrailers,
} from "../../../src/http/web/own-answer.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const answers = suite("withoutTrailers()");

answers("marks an answer, and no other", () => {
  const [own, other] = [new Response("a"), new Response("a")];
  assert.ok(withoutTrailers(own) === own);
  assert.equal([isOwnAnswer(own), isOwnAnswer(other)], [true, false]);
});

answers.run();
