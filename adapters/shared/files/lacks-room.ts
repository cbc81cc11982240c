/** True where there are too few descriptors, here or in the whole system. */
export function lacksRoom(error: unknown): boolean {
  const { code, message = "" } = error as { code?: string; message?: string };
  return code === "EMFILE" || code === "ENFILE" ||
    /too many open files/i.test(message);
}
