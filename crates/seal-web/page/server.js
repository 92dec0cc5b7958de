// The two calls to the server, and why one may come to nothing.

/** Where the plan is asked for, and where the sealed credential goes. */
export const PLAN = "/enter/plan";
export const SUBMIT = "/enter/submit";

/** Why the server did not do it: a code of its own, or "offline" when nothing is known. */
export class Refusal extends Error {
  constructor(code, message, seconds) {
    super(message);
    this.code = code;
    /** How long to wait before the next try, where the server says it. */
    this.seconds = seconds;
  }
}

/** Posts JSON and returns the JSON of a good answer; everything else is thrown as a `Refusal`. */
export async function post(path, body) {
  let answer;
  try {
    const headers = { "content-type": "application/json" };
    answer = await fetch(path, { method: "POST", headers, body, cache: "no-store", redirect: "error" });
  } catch {
    throw new Refusal("offline");
  }
  let said;
  try {
    said = await answer.json();
  } catch {
    // Cut off on its way, or not from this server: whether it was taken is not known.
    throw new Refusal("unavailable");
  }
  if (answer.ok) return said;
  throw new Refusal(said.error ?? "unavailable", said.message, Number(answer.headers.get("retry-after")) || undefined);
}
