/** Where the visitor writes, and what is asked of them before. */

import type { Chat, State } from "./chat";
import { element, icon, PATHS } from "./element";
import type { Field } from "./protocol";
import type { Shelf } from "./shelf";
import { words } from "./words";

const INPUTS = { name: "text", email: "email", phone: "tel", text: "text" } as const;
const COMPLETE = { name: "name", email: "email", phone: "tel", text: "off" } as const;

export function createComposer(
  chat: Pick<Chat, "send" | "answer" | "attach" | "discardUpload" | "types">,
  shelf: Shelf,
) {
  const text = element("textarea", {
    rows: "1",
    "aria-label": words.write,
    placeholder: words.write,
    maxlength: "10000",
    enterkeyhint: "send",
  });
  const button = element("button", { type: "submit", class: "send", "aria-label": words.send }, icon(PATHS.send));
  const chooser = element("input", { type: "file", multiple: true, hidden: true });
  const clip = element(
    "button",
    { type: "button", class: "clip", "aria-label": words.attach, title: words.attach, hidden: true },
    icon(PATHS.clip),
  );
  const questions = element("div", { class: "questions" });
  const node = element(
    "form",
    { class: "composer" },
    questions,
    element("div", { class: "line" }, clip, chooser, text, button),
  );
  let asked = "";
  let waits = false;
  /** The interrupted upload that the chosen file takes the place of. */
  let replaced: string | null = null;

  // What is half written survives a reload too.
  text.value = shelf.get("draft") ?? "";

  function answers(): Record<string, string> {
    const inputs = [...questions.querySelectorAll("input")];
    return Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
  }

  function submit(): void {
    const written = text.value.trim();
    const asks = asked !== "";
    if (!node.reportValidity() || (written === "" && !(asks && waits))) return;
    const form = answers();
    if (asks) chat.answer(form);
    if (written !== "") chat.send({ text: written, ...(asks ? { form } : {}) });
    text.value = "";
    shelf.remove("draft");
    grow();
    text.focus();
  }

  function attach(files: readonly File[]): void {
    const asks = asked !== "";
    if (files.length === 0 || clip.hidden || (asks && !node.reportValidity())) return;
    const form = answers();
    if (asks) chat.answer(form);
    chat.attach(files, asks ? form : undefined);
  }

  function grow(): void {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
  }

  node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  function choose(instead: string | null): void {
    replaced = instead;
    chooser.click();
  }

  clip.addEventListener("click", () => {
    choose(null);
  });
  chooser.addEventListener("change", () => {
    if (replaced !== null) chat.discardUpload(replaced);
    attach([...(chooser.files ?? [])]);
    // The same file may be chosen again.
    chooser.value = "";
  });
  text.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (clip.hidden || pasted.length === 0) return;
    event.preventDefault();
    attach(pasted);
  });
  text.addEventListener("keydown", (event) => {
    // The Enter that ends a word of an input method isn't meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("input", () => {
    grow();
    shelf.set("draft", text.value);
    chat.types(text.value.trim() !== "");
  });
  text.addEventListener("blur", () => {
    chat.types(false);
  });

  return {
    node,
    attach,
    chooseAgain: choose,
    takesFiles: () => !clip.hidden && !node.hidden,
    focus(): void {
      grow();
      (questions.querySelector("input") ?? text).focus();
    },
    show({ asksForm, welcome, closed, pending }: State): void {
      const fields = asksForm ? (welcome?.form ?? []) : [];
      waits = pending.some(({ refused }) => refused !== undefined);
      const wanted = JSON.stringify(fields);
      if (wanted !== asked && !(asked === "" && fields.length === 0)) {
        questions.replaceChildren(...fields.map(question));
        asked = fields.length === 0 ? "" : wanted;
      }
      node.hidden = closed !== null;
      clip.hidden = welcome?.files !== true;
      if (welcome !== null) text.maxLength = welcome.max_text_chars;
    },
  };
}

function question({ name, label, kind, required }: Field): HTMLElement {
  const input = element("input", {
    name,
    type: INPUTS[kind],
    autocomplete: COMPLETE[kind],
    required,
    maxlength: "200",
  });
  const hint = required ? null : element("span", { class: "hint" }, ` (${words.optional})`);
  return element("label", {}, element("span", {}, label, hint), input);
}
