// Hands everything that is not a file of the page to the test's own server.
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const { method, headers } = request;
    return fetch(env.SERVER + pathname, { method, headers, body: await request.text() });
  },
};
