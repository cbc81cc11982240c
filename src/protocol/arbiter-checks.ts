/** Reads what another arbiter says: it may be of another version. */
import type { CountsRecord } from "../telemetry/sums.ts";
import { isCount, isListOf, isObject, isText, isTime } from "./field-checks.ts";
import { isCounts, isRequestCounts, MOST_BUCKETS } from "./figures-checks.ts";
import type { SuccessorMessage, SumsMessage } from "./messages.ts";

/** What a new arbiter says to the one before it, or undefined where it is not that. */
export function readSuccessorMessage(
  value: unknown,
): SuccessorMessage | undefined {
  if (!isObject(value)) return undefined;
  return value.type === "serving" ? { type: "serving" } : readSums(value);
}

/** What another arbiter has counted, or undefined where it is not that. */
export function readSums(value: unknown): SumsMessage | undefined {
  if (!isObject(value) || value.type !== "sums") return undefined;
  const { record } = value;
  return isCountsRecord(record) ? { type: "sums", record } : undefined;
}

function isCountsRecord(value: unknown): value is CountsRecord {
  if (!isObject(value)) return false;
  const { bucketsMs, requests, slots, arbiterCpuMs } = value;
  return isListOf(bucketsMs, isTime) && bucketsMs.length < MOST_BUCKETS &&
    isListOf(requests, isRequestCounts) && isListOf(slots, isSlotEntry) &&
    isCounts(value.exits) && isCounts(value.reloads) &&
    isCounts(value.logLines) &&
    (value.socketsOpened === undefined || isCount(value.socketsOpened)) &&
    (value.socketsClosed === undefined || isCounts(value.socketsClosed)) &&
    // One of before does not tell it.
    (value.refused === undefined || isCounts(value.refused)) &&
    isTime(arbiterCpuMs) && isText(value.app);
}

function isSlotEntry(value: unknown): value is CountsRecord["slots"][number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [slot, sums] = value as unknown[];
  return isCount(slot) && isObject(sums) && isCount(sums.requests) &&
    isTime(sums.cpuMs) && isCount(sums.restarts);
}
