// The form's fields: shown by kind, checked for what is surely wrong, emptied after use.
import { $, make } from "./dom.js";
import { say } from "./say.js";

/** The largest file, in bytes, that is read as a private key; RSA at 16,384 bits takes 13,000. */
const LARGEST_FILE = 65_536;

/** What a PKCS#8 document begins with, and what it begins with when a passphrase opens it. */
const PKCS8 = /^\s*-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/;

/** Makes the fields of a plan and returns what can be done with them. */
export function showFields(plan) {
  const fields = plan.fields.flatMap(({ id, required }) => {
    const name = say(`fields.${id}`);
    const label = required ? name : say("fields.optional", { label: name });
    const field = new Field(id, label, required, id === "private_key");
    // A password is new to everybody and seen by nobody, so a slip of the finger would be found out too late.
    return id === "password" ? [field, new Field("again", say("fields.again", { label }), true, false)] : [field];
  });
  $("fields").replaceChildren(...fields.map((field) => field.element));
  return {
    /** What was entered by field id, or null with every problem shown. */
    read: () => read(fields),
    clear: () => fields.forEach((field) => field.set("")),
    lock: (locked) => fields.forEach((field) => field.lock(locked)),
  };
}

/** One labelled input, masked until it is asked to show what is in it. */
class Field {
  constructor(id, label, required, document) {
    Object.assign(this, { id, label, required });
    const describedby = `${id}-hint ${id}-problem`;
    // A new password, so that no old one is filled in. For keys and tokens there is no such word.
    const autocomplete = id === "password" || id === "again" ? "new-password" : "off";
    const about = { id: `field-${id}`, required, "aria-describedby": describedby, input: () => this.complain("") };
    // Nobody corrects it, keeps it, or offers an old one.
    const quiet = { autocomplete, autocapitalize: "none", autocorrect: "off", spellcheck: "false" };
    const managers = { "data-1p-ignore": true, "data-bwignore": true, "data-lpignore": "true" };
    const shape = document ? { rows: 6, wrap: "off" } : { type: "password" };
    this.input = make(document ? "textarea" : "input", { ...about, ...quiet, ...managers, ...shape });
    this.reveal = make("button", { type: "button", class: "reveal", click: () => this.mask(!this.masked) });
    this.problem = make("p", { id: `${id}-problem`, class: "problem" });
    const caption = make("label", { for: this.input.id }, label);
    const line = make("div", { class: document ? "line document" : "line" }, this.input, this.reveal);
    const hint = make("p", { id: `${id}-hint`, class: "hint" }, say(`fields.hints.${id}`) ?? "");
    const file = document ? [this.file()] : [];
    this.element = make("div", { class: "field" }, caption, line, ...file, hint, this.problem);
    this.mask(true);
  }

  get value() {
    return this.input.value;
  }

  set(text) {
    this.input.value = text;
    this.mask(true);
    this.complain("");
  }

  mask(masked) {
    this.masked = masked;
    if (this.input.type === "textarea") this.input.classList.toggle("masked", masked);
    else this.input.type = masked ? "password" : "text";
    this.reveal.textContent = say(masked ? "fields.show" : "fields.hide");
    this.reveal.setAttribute("aria-label", say(masked ? "fields.show_what" : "fields.hide_what", { label: this.label }));
  }

  lock(locked) {
    this.input.readOnly = locked;
    if (this.picker) this.picker.disabled = locked;
  }

  complain(problem) {
    this.problem.textContent = problem;
    if (problem) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  /** Puts a chosen file's text into the field. */
  file() {
    const change = async () => {
      const [file] = this.picker.files;
      if (!file) return;
      const small = file.size <= LARGEST_FILE;
      this.set(small ? await file.text() : "");
      // As if it had been typed.
      this.input.dispatchEvent(new Event("input", { bubbles: true }));
      if (!small) this.complain(say("problems.file"));
      // The field has it now; the same file may be chosen again.
      this.picker.value = "";
    };
    this.picker = make("input", { id: `file-${this.id}`, type: "file", accept: ".pem,.p8,.key,application/x-pem-file", change });
    return make("p", {}, make("label", { for: this.picker.id }, say("fields.file")), " ", this.picker);
  }
}

function read(fields) {
  const entered = Object.fromEntries(fields.map((field) => [field.id, field.value]));
  const wrong = fields.map((field) => [field, problem(field, entered)]).filter(([, text]) => text);
  for (const field of fields) field.complain("");
  for (const [field, text] of wrong) field.complain(text);
  showSummary(wrong);
  if (wrong.length > 0) return null;
  delete entered.again;
  return Object.fromEntries(Object.entries(entered).filter(([, text]) => text !== ""));
}

/** What is surely wrong. How good a password is, is not for this page to judge. */
function problem({ id, label, required, value }, entered) {
  if (required && value === "") return say("problems.missing", { label });
  if (id === "again" && value !== entered.password) return say("problems.different");
  if (id === "private_key" && !PKCS8.test(value)) return say("problems.pem");
  if (id === "passphrase") {
    const [begins, encrypted] = PKCS8.exec(entered.private_key) ?? [];
    if (encrypted && value === "") return say("problems.passphrase");
    if (begins && !encrypted && value !== "") return say("problems.passphrase_unused");
  }
  return undefined;
}

/** Lists every problem above the form; each leads to its field. */
function showSummary(wrong) {
  const items = wrong.map(([field, text]) => {
    const click = (event) => {
      // Following the link would put a fragment into the address.
      event.preventDefault();
      field.input.focus();
    };
    return make("li", {}, make("a", { href: `#${field.input.id}`, click }, text));
  });
  const summary = $("summary");
  summary.querySelector("ul").replaceChildren(...items);
  summary.hidden = items.length === 0;
  if (!summary.hidden) summary.focus();
}
