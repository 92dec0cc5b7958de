// Words for people, all of which are in strings.json.
import strings from "./strings.json";

const plurals = new Intl.PluralRules(document.documentElement.lang);

/**
 * The text at a path like "plan.places". Where it has a form for each number, `values.n` chooses. Undefined if there is
 * no such text.
 */
export function say(path, values = {}) {
  const found = path.split(".").reduce((within, name) => within?.[name], strings);
  const text = typeof found === "object" ? (found[plurals.select(values.n)] ?? found.other) : found;
  return text?.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
