/** Tasks: what takes the processor for longer than a request may wait. */
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

/** So much work as a password is worth: some 50 ms. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

export function hash(password: string): string {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, COST);
  return `${salt.toString("base64")}.${key.toString("base64")}`;
}

export function verify(password: string, hashed: string): boolean {
  const [salt = "", key = ""] = hashed.split(".").map((part) =>
    Uint8Array.from(atob(part), (one) => one.charCodeAt(0))
  ) as [Uint8Array, Uint8Array];
  const given = scryptSync(password, salt as Uint8Array, 32, COST);
  return timingSafeEqual(given, key as Uint8Array);
}
