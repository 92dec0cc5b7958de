// Stands in front of the Worker as Cloudflare does: answers what is a file, wakes it as its schedule would, and hands on
// everything else.
export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    // The runtime has no clock for a schedule of its own: whoever asks for this wakes the Worker, as `wrangler dev` does it.
    if (pathname === "/cdn-cgi/handler/scheduled") {
      const { outcome } = await env.WORKER.scheduled({ scheduledTime: new Date(), cron: "" });
      return new Response(outcome);
    }
    const answer = Object.hasOwn(env.ANSWERS, pathname) ? env.ANSWERS[pathname] : undefined;
    if (!answer) return env.WORKER.fetch(request);
    const { file, location, headers } = answer;
    if (!["GET", "HEAD"].includes(request.method)) return new Response(null, { status: 405, headers });
    if (location) return new Response(null, { status: 307, headers: { ...headers, location: location + search } });
    if (request.method === "HEAD") return new Response(null, { headers });
    const { body } = await env.ASSETS.fetch(`http://assets/${file}`);
    // The runtime compresses what says that it is.
    const compressed = request.headers.get("accept-encoding")?.includes("gzip") && { "content-encoding": "gzip" };
    return new Response(body, { headers: { ...headers, ...compressed } });
  },
};
