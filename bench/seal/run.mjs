// Times sealing one credential in Wasm against WebCrypto, both in workerd. A Worker's clock stands still while it
// computes, so the time is taken from outside.
//
//   node bench/seal/run.mjs <path to bench_seal.wasm>
//
// The last line printed is the result as JSON: median microseconds a credential, and their ratio.

import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import workerd from "workerd"; // A CommonJS module whose default is the path of the program.

const SIZES = [2048, 3072, 4096];
const SAMPLES = 21;
const RUNS = 100;

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "bench", worker = .bench)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);
const bench :Workerd.Worker = (
  compatibilityDate = "2026-10-01",
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "bench_seal.wasm", wasm = embed "bench_seal.wasm"),
${SIZES.map((bits) => `    (name = "${bits}.b64", text = embed "${bits}.b64"),`).join("\n")}
  ],
);
`;

/** Lays everything workerd embeds side by side in a new folder. */
async function stage(wasm) {
  const folder = await mkdtemp(join(tmpdir(), "bench-seal-"));
  const here = (name) => new URL(name, import.meta.url);
  await writeFile(join(folder, "config.capnp"), CONFIG);
  await copyFile(wasm, join(folder, "bench_seal.wasm"));
  await copyFile(here("worker.mjs"), join(folder, "worker.mjs"));
  for (const bits of SIZES) await copyFile(here(`keys/${bits}.b64`), join(folder, `${bits}.b64`));
  return folder;
}

/** Starts workerd and waits until it says which port it listens on. */
async function serve(folder) {
  const child = spawn(workerd.default, ["serve", "--control-fd=3", join(folder, "config.capnp")], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const port = await new Promise((resolve, reject) => {
    child.stdio[3].once("data", (line) => resolve(JSON.parse(line).port));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
  });
  return { child, origin: `http://127.0.0.1:${port}` };
}

async function ask(origin, side, bits, runs) {
  const start = performance.now();
  const response = await fetch(`${origin}/${side}?bits=${bits}&runs=${runs}`);
  const characters = Number(await response.text());
  return { characters, milliseconds: performance.now() - start };
}

/** Microseconds for one credential, without what the request itself costs. */
async function sample(origin, side, bits) {
  const idle = await ask(origin, side, bits, 0);
  const busy = await ask(origin, side, bits, RUNS);
  return ((busy.milliseconds - idle.milliseconds) * 1000) / RUNS;
}

async function compare(origin, bits) {
  const [ours, theirs] = await Promise.all(["wasm", "webcrypto"].map((side) => ask(origin, side, bits, 1)));
  if (!ours.characters || ours.characters !== theirs.characters) {
    throw new Error(`${bits} bits: the two sides do not make texts of the same length`);
  }
  const samples = { wasm: [], webcrypto: [] };
  // By turns, so that whatever else the machine does falls on both.
  for (let turn = 0; turn < SAMPLES; turn++) {
    for (const side of Object.keys(samples)) samples[side].push(await sample(origin, side, bits));
  }
  const [wasm, webcrypto] = Object.values(samples).map((all) => all.sort((a, b) => a - b)[SAMPLES >> 1]);
  const ratio = Number((wasm / webcrypto).toFixed(2));
  return { wasm_us: Math.round(wasm), webcrypto_us: Math.round(webcrypto), ratio };
}

const wasm = process.argv[2];
if (!wasm) throw new Error("usage: node bench/seal/run.mjs <path to bench_seal.wasm>");
const folder = await stage(wasm);
try {
  const { child, origin } = await serve(folder);
  try {
    const result = {};
    for (const bits of SIZES) result[bits] = await compare(origin, bits);
    console.log(JSON.stringify(result));
  } finally {
    child.removeAllListeners("exit").kill();
  }
} finally {
  await rm(folder, { recursive: true });
}
