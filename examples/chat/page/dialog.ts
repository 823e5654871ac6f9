import { create, createButton } from "./dom.ts";

/**
 * Shows a modal dialog. Escape cancels it. The browser keeps the focus inside, and then returns it.
 *
 * @returns true when the person confirms
 */
export function ask(
  title: string,
  confirm: string,
  ...content: (Node | string)[]
): Promise<boolean> {
  const heading = create("h2", { id: "dialog-title" }, title);
  const dialog = create("dialog", { class: "card dialog", "aria-labelledby": heading.id });
  const buttons = create(
    "div",
    { class: "buttons" },
    createButton({ class: "outline" }, () => dialog.close(), "Cancel"),
    create("button", { type: "submit", class: "primary", value: "yes" }, confirm),
  );
  dialog.append(create("form", { method: "dialog" }, heading, ...content, buttons));
  // Inside of the page's content, so that a change of person or tenant also removes the dialog.
  document.querySelector("#app")?.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
