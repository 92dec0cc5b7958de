// The sealing page: asks what to do, takes the credential, seals it for every gateway key, sends it, says how it went.
import { countDown, duration } from "./clock.js";
import { $ } from "./dom.js";
import { showFields } from "./fields.js";
import { handling, showPlan } from "./plan.js";
import { BadKey, load, readKeys, seal } from "./sealer.js";
import { PLAN, post, Refusal, SUBMIT } from "./server.js";
import { say } from "./say.js";

/** After these it is not known whether it was taken: the same is sent again, and the server takes it once. */
const NOT_KNOWN = ["offline", "unavailable"];
/** After these it was not taken, and the person may correct something and send it anew. */
const CORRECT = ["keys-changed", "malformed", "too-large"];
/** What the page says to these is so only if no earlier try was taken. */
const NOTHING_CHANGED = ["ticket-expired", "ticket-invalid", "too-early", "not-requester", "not-allowed"];
/** How long, in milliseconds, until a server that gave no answer is asked again. */
const PAUSE = 5_000;

const ticket = takeTicket();
const wasm = load();
// Whether it matters is known when the plan is.
wasm.catch(() => {});

let plan;
let keys;
let fields;
let stopClock = () => {};
/** It was said that little time is left. */
let warned = false;
/** The server's time for this is over. */
let late = false;
/** Something is being asked, sealed or sent. */
let working = false;
/** What was sealed, as it goes to the server, until it is known that the server took or refused it. */
let submission = null;
/** The submission was sent, and there was no answer. */
let unsure = false;

addEventListener("hashchange", () => location.reload());
addEventListener("pagehide", leave);
$("form").addEventListener("submit", submit);
$("again").addEventListener("click", start);

if (ticket) start();
else stop("no-ticket");

/** Takes the ticket out of the address bar; from here on it is in memory only. */
function takeTicket() {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(null, "", location.pathname);
  return fragment;
}

/** Whoever comes back to this page, or the browser that keeps it, finds nothing that was typed. */
function leave() {
  // What is under way goes on where it was, and may have to be sent again.
  if (working) fields?.clear();
  else if (unsure) stop("not-known");
  else forget();
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
  let told = await post(PLAN, ticket, undefined, wait);
  // A fleet's gateways are read in several calls.
  for (; told.reading; told = await post(PLAN, ticket, undefined, wait)) {
    await reading(told.reading);
  }
  $("progress").hidden = true;
  plan = told;
  stopClock();
  late = false;
  stopClock = countDown(plan.until - plan.now, showTimeLeft, timeOver);
  if (handling(plan.places) !== "cloud") {
    await wasm.catch(() => {
      throw new Refusal("no-wasm");
    });
  }
  keys = readKeys(plan);
  showPlan(plan, keys);
}

/** Shows how far the server has come with reading, until it can go on. */
async function reading({ done, of, wait }) {
  const words = wait > 1000 ? "working.reading_later" : "working.reading";
  tell(say(words, { done, of, time: duration(Math.ceil(wait / 1000)) }));
  advance(done, of);
  await new Promise((go) => setTimeout(go, wait));
}

function advance(done, of) {
  Object.assign($("progress"), { max: of, value: done, hidden: false });
}

function showTimeLeft(seconds) {
  $("time-left").textContent = duration(seconds);
  if (seconds > 60 || warned) return;
  warned = true;
  tell(`${say("page.time_left")}: ${duration(seconds)}`);
}

function timeOver() {
  late = true;
  if (working) tell(say("working.late"));
  else if (unsure) askOn();
  else stop("time-out");
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
    // What may have been taken cannot be corrected any more.
    fields.lock(unsure);
    refuse(error);
  }
}

/** Seals, unless that was done before the answer was lost, and sends. Once, it follows a key that has changed. */
async function sealAndSend(entered, follow) {
  submission ??= await prepare(entered);
  tell(say(late ? "working.late" : "working.sending"));
  try {
    await send();
  } catch (refusal) {
    if (refusal.code !== "keys-changed" || !follow) throw refusal;
    const typed = entered ?? fields.read();
    if (!typed) throw refusal;
    tell(say("working.again"));
    await fetchPlan();
    await sealAndSend(typed, false);
  }
}

/** Sends what was sealed. If it fails, `unsure` says whether it may have been taken nevertheless. */
async function send() {
  try {
    await post(SUBMIT, ticket, submission, wait);
  } catch (refusal) {
    if (NOT_KNOWN.includes(refusal.code)) unsure = true;
    else submission = null;
    if (CORRECT.includes(refusal.code)) unsure = false;
    throw refusal;
  }
}

/** Shows that the server is busy, and for how long it is left alone. */
async function wait(message, seconds) {
  const before = $("status").textContent;
  // Without the focus: a screen reader is told once, and goes on where it was.
  show("warning", say("busy.title"), message);
  tell(`${say("busy.title")}. ${say("busy.waiting", { seconds: duration(seconds) })}`);
  const next = (left) => ($("notice-next").textContent = say("busy.next", { seconds: duration(left) }));
  await new Promise((over) => countDown(seconds * 1000, next, over));
  $("notice").hidden = true;
  tell(before);
}

/** Asks what became of the submission until that is known. Nothing else can be done any more. */
async function askOn() {
  const words = ["warning", say("not-known.title"), say("not-known.what")];
  const next = (left) => ($("notice-next").textContent = say("not-known.next", { seconds: duration(left) }));
  working = true;
  withdraw();
  notice(...words);
  while (submission) {
    await new Promise((over) => (stopClock = countDown(PAUSE, next, over)));
    $("notice-next").textContent = say("not-known.now");
    try {
      await send();
      return succeed();
    } catch ({ code, message }) {
      if (!NOT_KNOWN.includes(code)) return stop(CORRECT.includes(code) ? "time-out" : code, message);
      show(...words);
    }
  }
}

/** The body for the server: a sealed credential for each gateway key, and in clear only what the cloud needs. */
async function prepare(entered) {
  let told = 0;
  const progress = (done) => {
    advance(done, keys.length);
    // A screen reader that is told more often never finishes a sentence.
    if (performance.now() < told + 1000) return;
    told = performance.now();
    tell(say("working.encrypting", { done, all: keys.length }));
  };
  try {
    const sealed = keys.length > 0 ? await seal(plan, keys, entered, progress) : [];
    const clear = handling(plan.places) === "gateway" ? null : entered;
    // By its id the server knows a submission that has to be sent twice, because the answer was lost.
    return JSON.stringify({ id: crypto.randomUUID(), sealed, clear });
  } finally {
    $("progress").hidden = true;
  }
}

function succeed() {
  const how = { gateway: "gateways", both: "both", cloud: "cloud" }[handling(plan.places)];
  const n = how === "cloud" ? plan.places.length : keys.length;
  end("done", say("done.title"), say(`done.${how}`, { n }), say("done.next"));
}

/** Says why it did not work, and leaves the form where another try makes sense. */
function refuse(error) {
  $("progress").hidden = true;
  tell("");
  const { code, message } = error instanceof BadKey ? { code: "bad-key", message: error.message } : error;
  const again = fields && [...NOT_KNOWN, ...CORRECT].includes(code);
  if (again && late) {
    if (unsure) askOn();
    else stop("time-out");
  } else if (again) {
    $("send").textContent = say(unsure ? "retry.send_again" : "page.send");
    const next = say(NOT_KNOWN.includes(code) && !unsure ? "retry.not_sent" : `retry.${code}.next`);
    notice("warning", say(`retry.${code}.title`), message || say(`retry.${code}.what`), next);
  } else if (!fields && NOT_KNOWN.includes(code)) {
    $("again").hidden = false;
    notice("warning", say("retry.no-plan.title"), message, say("retry.no-plan.next"));
  } else {
    stop(code, message);
  }
}

/** There is nothing more to do here. A code that this page does not know has the server's words. */
function stop(code, message) {
  const told = unsure && NOTHING_CHANGED.includes(code) ? "not-known" : code;
  const known = say(`stopped.${told}.title`) ? told : "unknown";
  const what = message || say(`stopped.${known}.what`);
  end("stopped", say(`stopped.${known}.title`), what, say(`stopped.${known}.next`));
}

function end(look, ...words) {
  withdraw();
  forget();
  tell("");
  notice(look, ...words);
}

/** Takes the form away, with what was typed. */
function withdraw() {
  stopClock();
  fields?.clear();
  $("form")?.remove();
  const left = $("time-left").parentElement;
  left.hidden = left.previousElementSibling.hidden = true;
}

/** Shows the notice and moves the focus there, so that a screen reader reads it. */
function notice(...words) {
  show(...words);
  $("notice").focus();
}

function show(look, title, what, next) {
  const element = $("notice");
  element.className = `notice ${look}`;
  element.querySelector("h2").textContent = title;
  $("notice-what").textContent = what ?? "";
  $("notice-next").textContent = next ?? "";
  element.hidden = false;
}

/** Empties the fields and drops what was sealed. */
function forget() {
  fields?.clear();
  submission = null;
  unsure = false;
}

function tell(text) {
  $("status").textContent = text;
}
