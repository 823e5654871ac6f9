/** Elements without a framework. Text goes in as text nodes, so that nobody's words become HTML. */
type Value = string | number | boolean | undefined;
type Child = Node | string;

/** An element with attributes, of which those that are false or undefined are left out. */
export function create<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** A button that does something. */
export function createButton(
  attributes: Record<string, Value>,
  onClick: () => void,
  ...children: Child[]
): HTMLButtonElement {
  const button = create("button", { type: "button", ...attributes }, ...children);
  button.addEventListener("click", onClick);
  return button;
}

/** One of the drawings in `index.html`, which says nothing to a screen reader. */
export function createIcon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A circle with the first letter of a name, beside the name itself. */
export function createAvatar(name: string): HTMLElement {
  return create("span", { class: "avatar", "aria-hidden": "true" }, name.charAt(0).toUpperCase());
}
