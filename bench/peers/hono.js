// The same door as a careful person would write it by hand: hono, and Slack's signature checked with WebCrypto.
import { Hono } from "hono";
import HELP from "./help.json";

const MAX_AGE_SECONDS = 300;
const encoder = new TextEncoder();
let key;

// The key is imported once for each isolate.
const signingKey = (secret) =>
  (key ??= crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]));

function bytesOfHex(hex) {
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) return new Uint8Array();
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}

async function isFromSlack(request, body, secret) {
  const timestamp = request.header("x-slack-request-timestamp") ?? "";
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= MAX_AGE_SECONDS)) return false;
  const signature = request.header("x-slack-signature") ?? "";
  if (!signature.startsWith("v0=")) return false;
  const signed = encoder.encode(`v0:${timestamp}:${body}`);
  return crypto.subtle.verify("HMAC", await signingKey(secret), bytesOfHex(signature.slice(3)), signed);
}

const app = new Hono();
app.post("/slack/commands", async (c) => {
  const body = await c.req.text();
  if (!(await isFromSlack(c.req, body, c.env.SLACK_SIGNING_SECRET))) return c.text("not from Slack", 401);
  const form = new URLSearchParams(body);
  if (form.get("command") !== "/pbi" || form.get("text") !== "help") return c.text("unknown command");
  return c.json(HELP);
});

export default app;
