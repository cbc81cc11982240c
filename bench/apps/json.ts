/** An async handler with a JSON body of about 2 kB. */
const rows = Array.from({ length: 40 }, (_, id) => ({
  id,
  name: `Row number ${id}`,
  even: id % 2 === 0,
}));

function load(): Promise<typeof rows> {
  return new Promise((resolve) => queueMicrotask(() => resolve(rows)));
}

export default {
  async fetch(): Promise<Response> {
    return Response.json(await load());
  },
};
