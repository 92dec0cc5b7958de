// Brings pbi-rotate a new value, encrypted to its key: JWE in Standard Webhooks 1.0.0. Node 18 or later.
//   PBI_ROTATE_URL=https://…/hooks/…  PBI_ROTATE_KEY=whsec_…
//   read-the-value | node sealed.mjs secret=sales-db-password version=7
// The value is read from the standard input; a line end after it is not part of it.
import { constants, createCipheriv, createHmac, createPublicKey, publicEncrypt, randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const { PBI_ROTATE_URL: url, PBI_ROTATE_KEY: key } = process.env;
const given = Object.fromEntries(process.argv.slice(2).map((pair) => pair.split(/=(.*)/s)));
const value = readFileSync(0, "utf8").replace(/\r?\n$/, "");

const jwk = await (await fetch(url, { redirect: "error" })).json();
const head = Buffer.from(JSON.stringify({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: jwk.kid })).toString("base64url");
const [contentKey, nonce] = [randomBytes(32), randomBytes(12)];
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
const wrapped = publicEncrypt({ key: createPublicKey({ key: jwk, format: "jwk" }), ...oaep }, contentKey);
const cipher = createCipheriv("aes-256-gcm", contentKey, nonce).setAAD(Buffer.from(head));
const content = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
const parts = [wrapped, nonce, content, cipher.getAuthTag()].map((part) => part.toString("base64url"));

// A version is any text; every new value needs another one.
const data = { version: new Date().toISOString(), ...given, sealed: [head, ...parts].join(".") };
const body = JSON.stringify({ type: "secret.pushed", timestamp: new Date().toISOString(), data });
const [id, timestamp] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1000))];
const mac = createHmac("sha256", Buffer.from(key.replace("whsec_", ""), "base64"));
const signature = `v1,${mac.update(`${id}.${timestamp}.${body}`).digest("base64")}`;
const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
const answer = await fetch(url, { method: "POST", headers, body, redirect: "error" });
if (!answer.ok) throw new Error(`not taken: ${answer.status}`); // run it again after a 503
