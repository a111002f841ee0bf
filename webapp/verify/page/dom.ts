// Elements are made here and nowhere else; text goes in as text, never as
// markup.
import { pieces } from "./hostile";

type Child = Node | string | null | false | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** An element with attributes (true: present, null or false: absent) and children. Strings are this page's own words. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) e.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) e.setAttribute(name, String(value));
  }
  e.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return e;
}

/** Text out of a bundle, a file or a file's name: kept apart from what is around it, with nothing in it unseen. */
export function said(text: string, tag: "bdi" | "div" | "code" = "bdi"): HTMLElement {
  const e = el(tag, { class: "said", dir: "auto" });
  for (const p of pieces(text)) e.append(p.hidden ? el("span", { class: "unseen-character", title: "a character that would not be seen" }, p.text) : p.text);
  return e;
}

/** The element of the page with this id. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const e = document.getElementById(id);
  if (!(e instanceof kind)) throw new Error(`the page has no ${id}`);
  return e;
}

export function clear(e: Element): void {
  e.replaceChildren();
}
