// The two calls to the server, and why one may come to nothing.

/** Where the plan is asked for, and where the sealed credential goes. */
export const PLAN = "/enter/plan";
export const SUBMIT = "/enter/submit";

/** How long, in milliseconds, an answer is waited for once everything is sent: a fleet's keys are read. */
const PATIENCE = 60_000;
/** The slowest line that is waited for, in bytes a millisecond: 160 kbit/s. A fleet's submission can have megabytes. */
const SLOWEST = 20;
/** How long, in seconds, a busy server is left alone when it does not say. */
const PAUSE = 10;

/** Why the server did not do it: a code of its own, or "offline" when nothing is known. */
export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Posts what there is with the ticket and returns the JSON of a good answer; everything else is thrown as a `Refusal`. A
 * busy server has done nothing: `wait` is told its words and for how many seconds, and then it is asked again.
 */
export async function post(path, ticket, body, wait) {
  for (;;) {
    const { answer, said } = await exchange(path, ticket, body);
    if (answer.ok) return said;
    if (said.error !== "busy") throw new Refusal(said.error ?? "unavailable", said.message);
    await wait(said.message, Number(answer.headers.get("retry-after")) || PAUSE);
  }
}

async function exchange(path, ticket, body) {
  let answer;
  try {
    const headers = { authorization: `Bearer ${ticket}`, ...(body && { "content-type": "application/json" }) };
    const signal = AbortSignal.timeout(Math.ceil(PATIENCE + (body?.length ?? 0) / SLOWEST));
    answer = await fetch(path, { method: "POST", headers, body, cache: "no-store", redirect: "error", signal });
  } catch {
    throw new Refusal("offline");
  }
  try {
    return { answer, said: await answer.json() };
  } catch {
    // Cut off on its way, or not from this server: whether it was taken is not known.
    throw new Refusal("unavailable");
  }
}
