import { create, createButton, createIcon } from "./dom.ts";

/** The title of the open conversation, and the button that moves it into or out of the archive. */
export function createHeading({ onArchive }: { onArchive: (isArchived: boolean) => void }) {
  let isArchived = false;
  const title = create("h1");
  const label = create("span");
  const archive = createButton(
    { class: "outline" },
    () => onArchive(!isArchived),
    createIcon("archive"),
    label,
  );
  return {
    element: create("header", { class: "conversation-heading" }, title, archive),
    setTitle(text: string) {
      title.textContent = text;
    },
    /** Undefined hides the button, because the caller cannot archive. */
    setArchived(value: boolean | undefined) {
      archive.hidden = value === undefined;
      isArchived = value === true;
      label.textContent = isArchived ? "Unarchive" : "Archive";
    },
  };
}
