/** The shop: says what was asked for, as its clients see it. */
export default {
  fetch({ url }: Request): Response {
    if (url.endsWith("/print")) console.log("printed by the shop");
    return new Response(`${url}\n`);
  },
};
