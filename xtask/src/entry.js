// The Worker's entry: hands what Cloudflare calls to the Wasm, and starts the Wasm afresh after a panic.
import { DurableObject } from "cloudflare:workers";
import * as wasm from "./index.js";

// Made by the `worker` crate: its panic hook sets `criticalError`, each new instance counts `instanceId` up.
const state = wasm.__worker_init_state();

// Memory that panicked half-way is not to be trusted, and a pointer into it is worth nothing in the next instance.
function revive() {
  if (state.criticalError) {
    wasm.__wbg_reset_state();
    state.criticalError = false;
  }
}

// A stack overflow or a trap ends the instance without passing the panic hook.
function condemn(error) {
  if (error instanceof WebAssembly.RuntimeError) state.criticalError = true;
}
addEventListener("error", (event) => condemn(event.error));

function guarded(call) {
  revive();
  try {
    return call();
  } catch (error) {
    condemn(error);
    throw error;
  }
}

// What each door looks at, by method and path.
const doors = new Map();
const begins = [];
for (const line of wasm.doors().trimEnd().split("\n")) {
  const [method, path, most, ...headers] = line.split(" ");
  // A path that ends in * is that of every one that begins so.
  if (path.endsWith("*")) begins.push(path.slice(0, -1));
  doors.set(`${method} ${path}`, { most: Number(most), headers });
}
const NOTHING = new Uint8Array();

async function answer(request, env, ctx) {
  // Each look at these is a call into the platform.
  const { method, url, headers: given } = request;
  // The first slash behind "https://" and a host.
  const target = url.slice(url.indexOf("/", 8));
  const path = target.split("?", 1)[0];
  const beginning = begins.find((begin) => path.startsWith(begin));
  const door = doors.get(`${method} ${beginning ? `${beginning}*` : path}`);
  const headers = door ? door.headers.map((name) => line(given.get(name))).join("\n") : "";
  const body = door ? await read(request, given, door.most) : NOTHING;
  const response = guarded(() => wasm.handle(env, ctx, method, target, headers, body));
  // The Wasm has its own copy by now. Somebody may have typed a credential into this one.
  body?.fill(0);
  return response;
}

// A header; an empty value is not the same as none.
const line = (value) => (value === null ? "" : `:${value}`);

// The body, or its promise; undefined when it is larger than that.
function read(request, given, most) {
  if (most === 0) return NOTHING;
  const told = Number(given.get("content-length") ?? NaN);
  if (told > most) return undefined;
  return told <= most ? request.bytes() : readUpTo(request, most);
}

// A body that does not say how long it is, is read no further than the door takes. It takes no more memory than has come:
// nobody is known yet, and a request that sends nothing must not cost what the largest does.
async function readUpTo(request, most) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) break;
  }
  const body = length > most ? undefined : new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body?.set(chunk, at);
    at += chunk.length;
    chunk.fill(0);
  }
  return body;
}

// A Durable Object outlives an instance of the Wasm, so its Rust half is made again when the instance has changed.
const object = (construct) =>
  class extends DurableObject {
    #half;
    #instance;

    #rust() {
      if (this.#instance !== state.instanceId) {
        this.#half = construct(this.ctx, this.env);
        this.#instance = state.instanceId;
      }
      return this.#half;
    }

    order(text) {
      return guarded(() => this.#rust().order(text));
    }

    alarm() {
      return guarded(() => this.#rust().alarm());
    }
  };

export const RotationObject = object((ctx, env) => new wasm.RotationObject(ctx, env));
export const RegisterObject = object((ctx, env) => new wasm.RegisterObject(ctx, env));

export default {
  fetch: answer,
  scheduled: (controller, env, ctx) => ctx.waitUntil(guarded(() => wasm.scheduled(env))),
};
