import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { asksForSocket, listOf } from "../../../src/base/http/field-list.ts";

const lists = suite("fields that are lists");

lists("listOf() gives what is there, in lower case", () => {
  assert.equal(listOf(" Foo,,\tbar \t, b z,"), ["foo", "bar", "b z"]);
  assert.equal(listOf(""), []);
  // What is white elsewhere is none here, RFC 9110 section 5.6.3.
  assert.equal(listOf("\u00a0a,b\v"), ["\u00a0a", "b\v"]);
});

lists("a WebSocket may be one of what is asked for", () => {
  const asks = [
    ...["websocket", "WebSocket", "h2c, websocket", "websocket,foo/2"],
    ...["h2c", "", "web socket", "websocket/2", "xwebsocket"],
  ].map(asksForSocket);
  assert.equal(asks, [...Array(4).fill(true), ...Array(5).fill(false)]);
  assert.equal([null, undefined].map(asksForSocket), [false, false]);
});

lists.run();
