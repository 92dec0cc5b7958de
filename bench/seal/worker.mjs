// The job that is timed, twice, as a Worker: `/wasm` by the Rust crate, `/webcrypto` in JavaScript with WebCrypto.
// Both read the public key as the APIs give it, seal one credential and encode the result. `?bits=2048&runs=100` says
// for which key and how often.

import wasm from "bench_seal.wasm";
import key2048 from "2048.b64";
import key3072 from "3072.b64";
import key4096 from "4096.b64";

const keys = { 2048: key2048.trim(), 3072: key3072.trim(), 4096: key4096.trim() };
const { seal_many: sealMany } = new WebAssembly.Instance(wasm).exports;

const { subtle } = crypto;
const hash = "SHA-256";
const text = new TextEncoder();

const random = (length) => crypto.getRandomValues(new Uint8Array(length));

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function sealWithWebCrypto(modulus) {
  const n = Uint8Array.fromBase64(modulus).toBase64({ alphabet: "base64url", omitPadding: true });
  const jwk = { kty: "RSA", e: "AQAB", n };
  const publicKey = await subtle.importKey("jwk", jwk, { name: "RSA-OAEP", hash }, false, ["encrypt"]);

  const [encryptionKey, macKey, iv] = [random(32), random(64), random(16)];
  const aes = await subtle.importKey("raw", encryptionKey, "AES-CBC", false, ["encrypt"]);
  const hmac = await subtle.importKey("raw", macKey, { name: "HMAC", hash }, false, ["sign"]);

  const pairs = [{ name: "username", value: "john" }, { name: "password", value: "hunter2" }];
  const plaintext = text.encode(JSON.stringify({ credentialData: pairs }));
  const blocks = new Uint8Array(await subtle.encrypt({ name: "AES-CBC", iv }, aes, plaintext));
  const tag = new Uint8Array(await subtle.sign("HMAC", hmac, concat([0, 0], iv, blocks)));
  const wrapped = await subtle.encrypt("RSA-OAEP", publicKey, concat([0, 1], encryptionKey, macKey));
  return new Uint8Array(wrapped).toBase64() + concat([0, 0], tag, iv, blocks).toBase64();
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const [bits, runs] = ["bits", "runs"].map((name) => Number(url.searchParams.get(name)));
    let characters = 0;
    if (url.pathname === "/wasm") {
      characters = sealMany(bits, runs);
    } else {
      for (let run = 0; run < runs; run++) characters += (await sealWithWebCrypto(keys[bits])).length;
    }
    return new Response(String(characters));
  },
};
