/**
 * Creates elements without a framework. Text becomes text nodes, so that messages cannot inject
 * HTML.
 */
type Value = string | number | boolean | undefined;
type Child = Node | string;

/** Creates an element. Attributes that are false or undefined are left out. */
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

/** Creates a button with a click handler. */
export function createButton(
  attributes: Record<string, Value>,
  onClick: () => void,
  ...children: Child[]
): HTMLButtonElement {
  const button = create("button", { type: "button", ...attributes }, ...children);
  button.addEventListener("click", onClick);
  return button;
}

/** Creates an icon from `index.html`. Screen readers ignore it. */
export function createIcon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** Creates a circle with the first letter of a name, to stand next to the name. */
export function createAvatar(name: string): HTMLElement {
  return create("span", { class: "avatar", "aria-hidden": "true" }, name.charAt(0).toUpperCase());
}

/** Creates a label around a field. `value()` returns the text without spaces at the ends. */
export function createField(label: string, field: HTMLInputElement | HTMLSelectElement) {
  return {
    element: create("label", { class: "field" }, create("span", { class: "hint" }, label), field),
    value: () => field.value.trim(),
  };
}

/**
 * Replaces the rows of a list. The focus stays on the control with the same `data-key`, or moves to
 * the list when that control is gone.
 */
export function replaceRows(list: HTMLElement, rows: HTMLElement[]): void {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  list.replaceChildren(...rows);
  if (!(focused instanceof HTMLElement)) return;
  const { key } = focused.dataset;
  const same = key && list.querySelector<HTMLElement>(`[data-key="${key}"]`);
  (same || list).focus();
}
