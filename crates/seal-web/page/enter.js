// The sealing page: asks what to do, takes the credential, seals it for every gateway key, sends it, says how it went.
import { countDown, duration } from "./clock.js";
import { $ } from "./dom.js";
import { showFields } from "./fields.js";
import { handling, showPlan } from "./plan.js";
import { BadKey, load, readKeys, seal } from "./sealer.js";
import { PLAN, post, Refusal, SUBMIT } from "./server.js";
import { say } from "./say.js";

/** After these the same sealed credential may be sent again; the server takes it once. */
const SEND_AGAIN = ["busy", "offline", "unavailable"];
/** After these the person may correct something and send it anew. */
const CORRECT = ["keys-changed", "malformed", "too-large"];

const ticket = takeTicket();
const wasm = load();
// Whether it matters is known when the plan is.
wasm.catch(() => {});

let plan;
let keys;
let fields;
let stopClock = () => {};
/** What was sealed, as it goes to the server, until the server took or refused it or something else was entered. */
let submission = null;
let working = false;

addEventListener("hashchange", () => location.reload());
// Whoever comes back to this page, or the browser that keeps it, finds nothing that was typed.
addEventListener("pagehide", forget);
$("form").addEventListener("submit", submit);
$("form").addEventListener("input", () => {
  submission = null;
  $("send").textContent = say("page.send");
});
$("again").addEventListener("click", start);

if (ticket) start();
else stop("no-ticket");

/** Takes the ticket out of the address bar; from here on it is in memory only. */
function takeTicket() {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(null, "", location.pathname);
  return fragment;
}

async function start() {
  $("notice").hidden = $("again").hidden = true;
  tell(say("working.asking"));
  try {
    await fetchPlan();
  } catch (error) {
    return refuse(error);
  }
  fields = showFields(plan);
  $("form").hidden = false;
  tell("");
}

/** Asks for the plan and reads its keys; shows both. */
async function fetchPlan() {
  plan = await post(PLAN, JSON.stringify({ ticket }));
  stopClock();
  stopClock = countDown(plan, () => working || stop("time-out"));
  if (handling(plan.places) !== "cloud") {
    await wasm.catch(() => {
      throw new Refusal("no-wasm");
    });
  }
  keys = readKeys(plan);
  showPlan(plan, keys);
}

async function submit(event) {
  event.preventDefault();
  if (working) return;
  const entered = submission ? null : fields.read();
  if (!submission && !entered) return;
  working = true;
  $("notice").hidden = true;
  $("send").setAttribute("aria-disabled", "true");
  fields.lock(true);
  try {
    await sealAndSend(entered, true);
    succeed();
  } catch (error) {
    working = false;
    $("send").removeAttribute("aria-disabled");
    fields.lock(false);
    refuse(error);
  }
}

/** Seals, unless that was done before the answer was lost, and sends. Once, it follows a key that has changed. */
async function sealAndSend(entered, follow) {
  submission ??= await prepare(entered);
  tell(say("working.sending"));
  try {
    await post(SUBMIT, submission);
  } catch (refusal) {
    if (!SEND_AGAIN.includes(refusal.code)) submission = null;
    if (refusal.code !== "keys-changed" || !follow) throw refusal;
    tell(say("working.again"));
    await fetchPlan();
    await sealAndSend(entered ?? fields.read(), false);
  }
}

/** The body for the server: a sealed credential for each gateway key, and in clear only what the cloud needs. */
async function prepare(entered) {
  const bar = $("progress");
  bar.max = keys.length;
  bar.hidden = keys.length === 0;
  let told = 0;
  const progress = (done) => {
    bar.value = done;
    // A screen reader that is told more often never finishes a sentence.
    if (performance.now() < told + 1000) return;
    told = performance.now();
    tell(say("working.encrypting", { done, all: keys.length }));
  };
  try {
    const sealed = keys.length > 0 ? await seal(plan, keys, entered, progress) : [];
    const clear = handling(plan.places) === "gateway" ? null : entered;
    // By its id the server knows a submission that has to be sent twice, because the answer was lost.
    return JSON.stringify({ ticket, id: crypto.randomUUID(), sealed, clear });
  } finally {
    bar.hidden = true;
  }
}

function succeed() {
  const how = { gateway: "gateways", both: "both", cloud: "cloud" }[handling(plan.places)];
  const n = how === "cloud" ? plan.places.length : keys.length;
  end("done", say("done.title"), say(`done.${how}`, { n }), say("done.next"));
}

/** Says why it did not work, and leaves the form where another try makes sense. */
function refuse(error) {
  tell("");
  const { code, message, seconds } = error instanceof BadKey ? { code: "bad-key", message: error.message } : error;
  if (fields && [...SEND_AGAIN, ...CORRECT].includes(code)) {
    const again = `retry.${code}`;
    const next = say(`${again}.next`, { seconds: duration(seconds ?? 10) });
    notice("warning", say(`${again}.title`), message || say(`${again}.what`), next);
    $("send").textContent = say(submission ? "retry.send_again" : "page.send");
  } else if (!fields && SEND_AGAIN.includes(code)) {
    $("again").hidden = false;
    notice("warning", say("retry.no-plan.title"), message, say("retry.no-plan.next"));
  } else {
    stop(code, message);
  }
}

/** There is nothing more to do here. A code that this page does not know has the server's words. */
function stop(code, message) {
  const known = say(`stopped.${code}.title`) ? code : "unknown";
  const what = message || say(`stopped.${known}.what`);
  end("stopped", say(`stopped.${known}.title`), what, say(`stopped.${known}.next`));
}

function end(look, ...words) {
  stopClock();
  forget();
  tell("");
  $("form").remove();
  const left = $("time-left").parentElement;
  left.hidden = left.previousElementSibling.hidden = true;
  notice(look, ...words);
}

/** Shows the notice and moves the focus there, so that a screen reader reads it. */
function notice(look, title, what, next) {
  const element = $("notice");
  element.className = `notice ${look}`;
  element.querySelector("h2").textContent = title;
  $("notice-what").textContent = what ?? "";
  $("notice-next").textContent = next ?? "";
  element.hidden = false;
  element.focus();
}

/** Empties the fields and drops what was sealed. */
function forget() {
  fields?.clear();
  submission = null;
}

function tell(text) {
  $("status").textContent = text;
}
