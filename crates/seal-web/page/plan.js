// Shows what will be changed, where, who wanted it and who approved.
import { $, make } from "./dom.js";
import { say } from "./say.js";

/** From so many places on the list is folded away. */
const MANY = 4;

/** Fills in the page from the plan and the keys read from it. */
export function showPlan(plan, keys) {
  $("plan-heading").textContent = plan.title;
  $("emergency").hidden = !plan.break_glass;
  $("target").textContent = plan.target;
  row("reason", plan.reason);
  $("requested-by").textContent = plan.requested_by;
  $("approved-by").replaceChildren(...approvals(plan.approved_by));
  $("reference").textContent = plan.reference;
  $("kind").textContent = plan.kind;
  row("account", plan.account);
  showPlaces(plan, keys);
  $("plan").hidden = false;
}

/** A row of the list that is left out when there is nothing to say. */
function row(id, text) {
  const told = $(id);
  told.textContent = text ?? "";
  told.hidden = told.previousElementSibling.hidden = !text;
}

function approvals(approved) {
  if (approved.length === 0) return [say("plan.nobody")];
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  return approved.map(({ name, at }) => make("div", {}, say("plan.approval", { name, at: time.format(at) })));
}

function showPlaces(plan, keys) {
  const { places } = plan;
  $("places-heading").textContent = say("plan.places", { n: places.length });
  const few = places.length < MANY;
  const list = places.map((place) => showPlace(place, keys.filter((key) => key.gateway === place.gateway), few));
  $("places").replaceChildren(...(few ? list : [folded(list)]));
  showLeftOut(plan.left_out);
  $("handling").textContent = say(`plan.handling_${handling(places)}`);
}

function showLeftOut(left) {
  const list = make("ul", {}, ...left.map((place) => make("li", {}, say("plan.left", place))));
  const [title, , places] = $("left-out").children;
  title.textContent = say("plan.left_out", { n: left.length });
  places.replaceChildren(left.length < MANY ? list : folded([list], left.length));
  $("left-out").hidden = left.length === 0;
}

/** What is shown when somebody asks for all of it. */
function folded(elements, n = elements.length) {
  return make("details", {}, make("summary", {}, say("plan.all", { n })), ...elements);
}

function showPlace(place, keys, open) {
  const lines = keys.map(({ member, bits, fingerprint }) => {
    const words = [say("plan.member", { member }), say("plan.key", { bits })];
    return make("li", {}, ...words.flatMap((line) => [line, make("br")]), make("code", {}, fingerprint));
  });
  const cloud = keys.length === 0;
  const title = say(cloud ? "plan.cloud" : "plan.gateway", { place: place.name, n: keys.length });
  const body = cloud ? make("p", {}, say("plan.cloud_place")) : make("ul", {}, ...lines);
  return make("details", { open }, make("summary", {}, title), body);
}

/** How the credential travels: "gateway", "cloud" or "both". */
export function handling(places) {
  const clouds = places.filter(({ gateway }) => gateway === null).length;
  if (clouds === 0) return "gateway";
  return clouds === places.length ? "cloud" : "both";
}
