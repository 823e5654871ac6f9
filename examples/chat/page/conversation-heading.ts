import { create, createButton, createIcon } from "./dom.ts";

/** Creates the title of the open conversation and its button Archive or Unarchive. */
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
    /** Pass undefined to hide the button when the caller cannot archive the conversation. */
    setArchived(value: boolean | undefined) {
      archive.hidden = value === undefined;
      isArchived = value === true;
      label.textContent = isArchived ? "Unarchive" : "Archive";
    },
  };
}
