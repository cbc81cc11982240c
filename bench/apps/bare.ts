/** The least an app can be. */
export default {
  fetch(): Response {
    return new Response("Hello World");
  },
};
