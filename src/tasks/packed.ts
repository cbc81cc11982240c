/**
 * Values as JSON with their bytes beside it, so that no runtime's own format of
 * values is needed and no byte becomes text. What JSON cannot hold and a task
 * may need has a tag: an object with the one member `$corn`.
 */

/** The member of a tag; an object of the caller's that has it is tagged itself. */
const TAG = "$corn";

/** Arrays of numbers that are sent as their bytes, by the name of their class. */
const ARRAYS = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

type ArrayName = keyof typeof ARRAYS;

/** A value, ready to be written. */
export interface Packed {
  /** What JSON holds. */
  readonly json: string;
  /** What stands beside it. */
  readonly parts: readonly Uint8Array[];
}

/** Takes a value apart. @throws TypeError for what cannot be sent: functions, symbols, Maps, Sets, circles and the like */
export function pack(value: unknown): Packed {
  // Most values are, and taking them apart would take far longer than this.
  if (isJson(value, { levels: 16, objects: 1000 })) {
    return { json: JSON.stringify(value), parts: [] };
  }
  const parts: Uint8Array[] = [];
  return { json: JSON.stringify(tree(value, { parts, above: [] })), parts };
}

/** How far it is looked whether JSON holds a value as it is; what is larger is taken apart, which tells of circles. */
interface Look {
  /** Levels below. */
  levels: number;
  /** Objects. */
  objects: number;
}

/** Whether JSON holds a value as it is; false where the look does not reach as far. */
function isJson(value: unknown, look: Look): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return isJsonNumber(value);
    case "object":
      return value === null || isJsonObject(value, look);
    default:
      return false;
  }
}

function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function isJsonObject(value: object, look: Look): boolean {
  if (look.levels === 0 || look.objects === 0 || "toJSON" in value) {
    return false;
  }
  look.levels--;
  look.objects--;
  const is = Array.isArray(value)
    ? hasJsonItems(value, look)
    : hasJsonMembers(value, look);
  look.levels++;
  return is;
}

function hasJsonItems(items: readonly unknown[], look: Look): boolean {
  // every() would leave out what was never set.
  for (let at = 0; at < items.length; at++) {
    if (!isJson(items[at], look)) return false;
  }
  return true;
}

function hasJsonMembers(value: object, look: Look): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  if (kindOf(value) !== "Object" || TAG in value) return false;
  for (const name in value) {
    if (!isJson(value[name as keyof typeof value], look)) return false;
  }
  return true;
}

interface Walk {
  readonly parts: Uint8Array[];
  /** The objects that the value is in. */
  readonly above: object[];
}

function tree(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return isJsonNumber(value)
        ? value
        : { [TAG]: ["number", Object.is(value, -0) ? "-0" : String(value)] };
    case "undefined":
      return { [TAG]: ["undefined"] };
    case "bigint":
      return { [TAG]: ["bigint", String(value)] };
    case "object":
      return value === null ? null : objectTree(value, walk);
    default:
      throw unsendable(`a ${typeof value}`, value, walk);
  }
}

function objectTree(value: object, walk: Walk): unknown {
  const { parts, above } = walk;
  if (value instanceof ArrayBuffer) {
    parts.push(new Uint8Array(value));
    return { [TAG]: ["bytes", parts.length - 1, "ArrayBuffer"] };
  }
  if (ArrayBuffer.isView(value)) {
    const name = arrayName(value, walk);
    const { buffer, byteOffset, byteLength } = value;
    parts.push(new Uint8Array(buffer, byteOffset, byteLength));
    return { [TAG]: ["bytes", parts.length - 1, name] };
  }
  if (value instanceof Date) return { [TAG]: ["date", value.getTime()] };
  if (above.includes(value)) {
    throw new TypeError(
      "Cannot send a value to or from a task: it holds itself",
    );
  }
  above.push(value);
  let made: unknown;
  if (Array.isArray(value)) {
    // map() would leave out what was never set.
    made = Array.from(value, (one) => tree(one, walk));
  } else {
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === "function") made = tree(toJSON.call(value), walk);
    else made = memberTree(value, walk);
  }
  above.pop();
  return made;
}

function memberTree(value: object, walk: Walk): unknown {
  // It is the last of those above itself.
  if (kindOf(value) !== "Object") {
    throw unsendable(named(value), value, { above: walk.above.slice(0, -1) });
  }
  // A member may be named `__proto__`.
  const made: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) made[name] = tree(member, walk);
  }
  return TAG in made ? { [TAG]: ["object", made] } : made;
}

function arrayName(value: ArrayBufferView, walk: Walk): ArrayName {
  for (const name of Object.keys(ARRAYS) as ArrayName[]) {
    // Buffer is one of its heirs.
    if (value instanceof ARRAYS[name]) return name;
  }
  throw unsendable(named(value), value, walk);
}

function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function named(value: object): string {
  const kind = kindOf(value);
  return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`;
}

function unsendable(
  what: string,
  value: unknown,
  { above }: Pick<Walk, "above">,
): TypeError {
  const place = placeOf(value, above);
  const at = place === "" ? "" : `, at ${place}`;
  return new TypeError(`Cannot send ${what} to or from a task${at}`);
}

/** Where a value is in the first of the objects above it, as far as they hold each other: `[0].tags`. */
function placeOf(value: unknown, above: readonly object[]): string {
  let place = "";
  for (const [index, holder] of above.entries()) {
    const held = above[index + 1] ?? value;
    const found = Object.entries(holder).find(([, one]) => one === held);
    // What toJSON() gave stands nowhere.
    if (found === undefined) continue;
    place += Array.isArray(holder) ? `[${found[0]}]` : `.${found[0]}`;
  }
  return place.replace(/^\./, "");
}

/** Puts a value together. @throws SyntaxError for what `pack` has not made */
export function unpack({ json, parts }: Packed): unknown {
  const value = JSON.parse(json);
  return json.includes(TAG) ? grow(value, parts) : value;
}

function grow(value: unknown, parts: readonly Uint8Array[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      value[at] = grow(value[at], parts);
    }
    return value;
  }
  const members = value as Record<string, unknown>;
  return Object.hasOwn(members, TAG)
    ? untag(members[TAG], parts)
    : growMembers(members, parts);
}

function growMembers(
  members: Record<string, unknown>,
  parts: readonly Uint8Array[],
): unknown {
  for (const [name, member] of Object.entries(members)) {
    if (typeof member !== "object" || member === null) continue;
    // JSON.parse has made `__proto__` a member of its own, which is written to.
    members[name] = grow(member, parts);
  }
  return members;
}

function untag(tag: unknown, parts: readonly Uint8Array[]): unknown {
  const [kind, what, name] = Array.isArray(tag) ? tag : [];
  switch (kind) {
    case "undefined":
      return undefined;
    case "number":
      return Number(what);
    case "bigint":
      return BigInt(what);
    case "date":
      return new Date(what ?? NaN);
    case "object":
      return growMembers(Object(what), parts);
    case "bytes":
      return bytesOf(parts[what], name);
    default:
      throw new SyntaxError("Cannot read a value: its tag is not known");
  }
}

function bytesOf(part: Uint8Array | undefined, name: unknown): unknown {
  if (part === undefined) {
    throw new SyntaxError("Cannot read a value: a part is not there");
  }
  if (name === "Uint8Array") return part;
  const own = part.slice();
  if (name === "ArrayBuffer") return own.buffer;
  const made = ARRAYS[name as ArrayName] as
    | (new (buffer: ArrayBuffer) => unknown)
    | undefined;
  if (made === undefined) {
    throw new SyntaxError("Cannot read a value: its array is not known");
  }
  return new made(own.buffer);
}
