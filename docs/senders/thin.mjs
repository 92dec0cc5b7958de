// Tells pbi-rotate what happened to a secret, without its value: a message of Standard Webhooks 1.0.0. Node 18 or later.
//   PBI_ROTATE_URL=https://…/hooks/…  PBI_ROTATE_KEY=whsec_…
//   node thin.mjs secret=sales-db-password version=7
//   node thin.mjs type=secret.expiring mount=secret path=reporting/warehouse
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

const { PBI_ROTATE_URL: url, PBI_ROTATE_KEY: key } = process.env;
const given = Object.fromEntries(process.argv.slice(2).map((pair) => pair.split(/=(.*)/s)));
const { type = "secret.changed", ...data } = given;
const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
const id = `msg_${randomUUID()}`; // one id for all tries: it is one event

for (let tries = 1; ; tries += 1) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac("sha256", Buffer.from(key.replace("whsec_", ""), "base64"));
  const signature = `v1,${mac.update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  headers["content-type"] = "application/json";
  const signal = AbortSignal.timeout(30_000);
  const answer = await fetch(url, { method: "POST", headers, body, redirect: "error", signal }).catch(() => null);
  if (answer?.ok) break;
  const status = answer?.status ?? 503; // no answer at all passes as well
  if (tries === 8 || (status < 500 && status !== 429)) {
    console.error(`not taken: ${answer?.status ?? "no answer"}`);
    process.exit(1);
  }
  await pause(1000 * Number(answer?.headers.get("retry-after") ?? 2 ** tries));
}
