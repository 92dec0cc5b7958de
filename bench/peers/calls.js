// What a rotation asks of the runtime, and nothing of what it is for: as many requests, calls out, orders to objects, rows,
// alarms and lines of log as were counted in the Worker for a rotation of one data source and one connection with three
// members. What it is answered is shorter than what services answer, and it looks at nothing in it.
import { DurableObject } from "cloudflare:workers";

// Of each of the four requests that people make, and of each time that a rotation is woken.
const REQUESTS = [
  { calls: 2, orders: 2 },
  { calls: 3, orders: 2, rotation: 1 },
  { calls: 3, orders: 1, rotation: 1 },
  { calls: 6, orders: 2, rotation: 1 },
];
const WAKINGS = [4, 4, 4, 4, 3].map((calls) => ({ calls, orders: 2 }));
const OF_ORDER = { gets: 1, puts: 2, removes: 0, ranges: 0 };
const OF_WAKING = { gets: 3, puts: 11, removes: 5, ranges: 1 };

// About as long as a row, an order and a body are.
const TEXT = "x".repeat(800);
const HEADERS = [["authorization", `Bearer ${TEXT}`], ["content-type", "application/json"], ["user-agent", "calls"]];
const WANTED = ["retry-after", "requestid", "x-ms-request-id"];

async function call(env) {
  const response = await fetch(`${env.SLACK_API_URL}/calls`, {
    method: "POST",
    headers: HEADERS,
    body: TEXT,
    redirect: "manual",
    signal: AbortSignal.timeout(60_000),
  });
  for (const name of WANTED) response.headers.get(name);
  return response.bytes();
}

async function act(env, { calls, orders }) {
  for (let made = 0; made < calls; made++) await call(env);
  for (let given = 0; given < orders; given++) await env.REGISTER.getByName("register").order(TEXT);
  // A rotation has some 26 lines in its nine parts.
  for (let line = 0; line < 3; line++) console.log(TEXT.slice(0, 120));
}

class Rows extends DurableObject {
  #made = false;

  rows({ gets, puts, removes, ranges }) {
    const sql = this.ctx.storage.sql;
    if (!this.#made) {
      sql.exec("CREATE TABLE IF NOT EXISTS shelf (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
      this.#made = true;
    }
    const times = (count, statement, ...values) => {
      for (let at = 0; at < count; at++) [...sql.exec(statement, `key/${at}`, ...values).raw()];
    };
    times(gets, "SELECT value FROM shelf WHERE key = ?");
    times(puts, "INSERT INTO shelf VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", TEXT);
    times(removes, "DELETE FROM shelf WHERE key = ?");
    times(ranges, "SELECT key, value FROM shelf WHERE key >= ? AND key < 'l' ORDER BY key LIMIT 10");
  }

  order(text) {
    this.rows(OF_ORDER);
    return text;
  }
}

export class RegisterObject extends Rows {}

export class RotationObject extends Rows {
  wakings = [];

  // The order of the last request.
  begin(text) {
    this.wakings = [...WAKINGS];
    this.ctx.storage.setAlarm(Date.now());
    return this.order(text);
  }

  async alarm() {
    const waking = this.wakings.shift();
    // Set twice in most wakings: for what is being done, and for what is next.
    this.ctx.storage.setAlarm(Date.now() + 60_000);
    await act(this.env, waking);
    this.rows(OF_WAKING);
    if (this.wakings.length > 0) this.ctx.storage.setAlarm(Date.now());
    else this.ctx.storage.deleteAlarm();
  }
}

export default {
  // `/<rotation>/<request>`; the last one begins the wakings.
  async fetch(request, env) {
    const [, name, at] = new URL(request.url).pathname.split("/");
    const rotation = env.ROTATIONS.getByName(name);
    const asked = REQUESTS[at];
    await request.text();
    await act(env, asked);
    if (asked === REQUESTS.at(-1)) await rotation.begin(TEXT);
    else if (asked.rotation) await rotation.order(TEXT);
    return new Response(TEXT);
  },
};
