/** What answers in a bare thread, and in one of piscina's. */
import { parentPort, workerData } from "node:worker_threads";

if (workerData === "bare") {
  parentPort.on("message", (value) => parentPort.postMessage(value));
}

export default (value) => value;
