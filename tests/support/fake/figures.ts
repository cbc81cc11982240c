/** What a worker tells of itself, of one that has done nothing. */
export function figuresOf(given: object = {}) {
  return {
    type: "figures",
    requests: 0,
    open: 0,
    queued: 0,
    cpuMs: 0,
    rss: 100,
    heapUsed: 50,
    lagMs: 0,
    ended: [],
    ...given,
  };
}
