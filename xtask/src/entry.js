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

    fetch(request) {
      return guarded(() => this.#rust().fetch(request));
    }

    alarm() {
      return guarded(() => this.#rust().alarm());
    }
  };

export const RotationObject = object((ctx, env) => new wasm.RotationObject(ctx, env));
export const RegisterObject = object((ctx, env) => new wasm.RegisterObject(ctx, env));

export default {
  fetch: (request, env, ctx) => guarded(() => wasm.fetch(request, env, ctx)),
};
