// The page's elements: found by id, made with attributes and children.

export const $ = (id) => document.getElementById(id);

/**
 * Makes an element. What it holds is only ever text or other elements: nothing is parsed as HTML. A function is a
 * listener; an attribute that is true stands alone, one that is false is left out.
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
