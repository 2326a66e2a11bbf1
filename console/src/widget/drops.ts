/** Files dragged onto the panel. */

import type { createComposer } from "./composer";

/** What is dropped beside a target replaces the page, so the panel takes every file, even where it does nothing with it. */
export function acceptDrops(
  panel: HTMLElement,
  composer: Pick<ReturnType<typeof createComposer>, "attach" | "takesFiles">,
) {
  const show = (over: boolean) => panel.classList.toggle("drops", over && composer.takesFiles());
  panel.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = composer.takesFiles() ? "copy" : "none";
    show(true);
  });
  panel.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && panel.contains(relatedTarget))) show(false);
  });
  panel.addEventListener("drop", (event) => {
    show(false);
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    if (composer.takesFiles()) composer.attach([...event.dataTransfer.files]);
  });
}
