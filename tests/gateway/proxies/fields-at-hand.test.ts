import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { FieldsAtHand } from "../../../src/gateway/proxies/fields-at-hand.ts";

const atHand = suite("FieldsAtHand");

atHand("of() asks the runtime once a request, until it is forgotten", () => {
  const asked: unknown[] = [];
  const fields = new FieldsAtHand({
    fieldsOf(request, env) {
      asked.push(request);
      return ["host", String(env)];
    },
  });
  const [one, other] = [{}, {}];
  assert.equal(fields.of(one, 1), ["host", "1"]);
  assert.equal(fields.of(one, 1), ["host", "1"]);
  assert.equal(fields.of(other, 2), ["host", "2"]);
  assert.is(asked.length, 2);
  fields.forget();
  assert.equal(fields.of(other, 3), ["host", "3"]);
  assert.is(asked.length, 3);
});

atHand("of() gives nothing where the runtime has no fields at hand", () => {
  assert.is(new FieldsAtHand({}).of({}, undefined), undefined);
});

atHand.run();
