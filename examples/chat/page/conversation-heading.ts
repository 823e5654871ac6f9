import { create, createButton, createIcon } from "./dom.ts";

/** The title of what is open, and the way into the archive and back. */
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
    /** Undefined where there is nothing that the caller could archive. */
    setArchived(value: boolean | undefined) {
      archive.hidden = value === undefined;
      isArchived = value === true;
      label.textContent = isArchived ? "Take out of the archive" : "Archive";
    },
  };
}
