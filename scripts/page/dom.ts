/** Elements of the page. */

/** What an element is made with: attributes, and children that are elements or text. */
export type Child = Node | string;

export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`There is no element "${id}"`);
  return found as E;
}

/** Makes an element; text is never taken for HTML. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Writes a text where it is another one. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A color of the page's own, as it is in the light or the dark. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement)
    .getPropertyValue(`--${name}`).trim();
}
