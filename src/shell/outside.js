// What the Wasm asks of the platform: each function is one crossing, however much there is to carry.

// A few different sets of headers are ever answered with, so each is made once. Some repeat what was asked, and somebody
// may ask for a new one each time.
const sets = new Map();
const MOST_SETS = 32;

/** A response with these headers, a name and a value in turns, one a line. The body is the Wasm's own memory. */
export function respond(status, headers, body) {
  let set = sets.get(headers);
  if (!set) {
    if (sets.size === MOST_SETS) sets.clear();
    sets.set(headers, (set = new Headers(pairs(headers))));
  }
  return new Response(body.length ? body.slice() : null, { status, headers: set });
}

/** Writes a line of the log. */
export function log(line) {
  console.log(line);
}

/** Sends a request; resolves to the status, the wanted headers, and the body, which the Wasm copies and has wiped. */
export async function send(method, url, headers, body, wanted, patience) {
  // What is handed in is the Wasm's own memory, which may change while the request is on its way.
  const sent = body.length ? body.slice() : null;
  try {
    const response = await fetch(url, {
      method,
      headers: pairs(headers),
      body: sent,
      redirect: "manual",
      signal: AbortSignal.timeout(patience),
    });
    const received = new Uint8Array(await response.arrayBuffer());
    return {
      status: response.status,
      headers: wanted.split("\n").map((name) => line(response.headers.get(name))).join("\n"),
      body: received,
      wipe: () => received.fill(0),
    };
  } finally {
    // Whole answered or given up, it is not needed any more, and may be somebody's new password.
    sent?.fill(0);
  }
}

/** Gives an order to an object of ours; resolves to its reply, or nothing when it has none. */
export function order(namespace, name, text) {
  return namespace.getByName(name).order(text);
}

// RSA signatures (RFC 8017, 8.2).
const RSA = "RSASSA-PKCS1-v1_5";
// A key is used for a day and more.
const verifiers = new Map();

/** Whether that is the signature of the message; rejects when the platform does not take the key. */
export async function verify(modulus, exponent, hash, message, signature) {
  // What is handed in is the Wasm's own memory, which may change at the first wait.
  const [signed, given] = [message.slice(), signature.slice()];
  let key = verifiers.get(hash + modulus);
  if (key?.exponent !== exponent) {
    const jwk = { kty: "RSA", n: modulus, e: exponent };
    key = { exponent, verifier: await crypto.subtle.importKey("jwk", jwk, { name: RSA, hash }, false, ["verify"]) };
    verifiers.set(hash + modulus, key);
  }
  return crypto.subtle.verify(RSA, key.verifier, given, signed);
}

/** The same by Ed25519; the key is its 32 bytes. */
export async function verifyEd25519(key, message, signature) {
  const [signed, given] = [message.slice(), signature.slice()];
  const verifier = await crypto.subtle.importKey("raw", key.slice(), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", verifier, given, signed);
}

// Does something with a private key of ours, and overwrites the copy that it was handed over in.
async function withKey(pkcs8, algorithm, use, act, shown = false) {
  const copy = pkcs8.slice();
  try {
    return await act(await crypto.subtle.importKey("pkcs8", copy, algorithm, shown, [use]));
  } finally {
    copy.fill(0);
  }
}

/** Our signature of the message, by RS256. */
export function sign(pkcs8, message) {
  const signed = message.slice();
  const made = async (key) => new Uint8Array(await crypto.subtle.sign(RSA, key, signed));
  return withKey(pkcs8, { name: RSA, hash: "SHA-256" }, "sign", made);
}

const OAEP = { name: "RSA-OAEP", hash: "SHA-256" };

/** What was encrypted to our key, by RSA-OAEP-256. */
export function open(pkcs8, sealed) {
  const given = sealed.slice();
  const opened = async (key) => new Uint8Array(await crypto.subtle.decrypt(OAEP.name, key, given));
  return withKey(pkcs8, OAEP, "decrypt", opened);
}

/** The two numbers of our public key, one a line. */
export function publicPart(pkcs8) {
  const shown = async (key) => {
    const { n, e } = await crypto.subtle.exportKey("jwk", key);
    return `${n}\n${e}`;
  };
  return withKey(pkcs8, OAEP, "decrypt", shown, true);
}

/** Counts one more under a key; resolves to whether that is still within the limit. */
export async function count(limits, key) {
  const { success } = await limits.limit({ key });
  return success;
}

// A formatter takes long to make and knows one time zone.
const clocks = new Map();

/** How far the clocks of a time zone are ahead of UTC then, in minutes; NaN for a zone that is not known. */
export function offset(zone, at) {
  let clock = clocks.get(zone);
  if (!clock) {
    const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
    try {
      clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...fields });
    } catch {
      return NaN;
    }
    clocks.set(zone, clock);
  }
  const shown = Object.fromEntries(clock.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const local = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
  return (local - Math.floor(at / 60000) * 60000) / 60000;
}

// An empty value is not the same as none.
const line = (value) => (value === null ? "" : `:${value}`);

function pairs(lines) {
  if (!lines) return [];
  const parts = lines.split("\n");
  return parts.flatMap((name, at) => (at % 2 ? [] : [[name, parts[at + 1]]]));
}
