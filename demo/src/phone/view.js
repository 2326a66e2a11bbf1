// Draws the chat: bubbles, ticks, the hub's answers. Text goes in as text, never as markup.

const TICKS = { posting: "🕓", refused: "✕", delivered: "✓✓", read: "✓✓" };
const TELL = {
  posting: "on its way",
  refused: "refused by the hub",
  delivered: "taken by the hub",
  read: "read by the agent",
};

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function picture(media) {
  const source = media.id ? `/_phone/media/${encodeURIComponent(media.id)}` : media.link;
  const image = element("img");
  image.src = source;
  image.alt = media.caption || "Picture";
  return image;
}

function choices(object, onChoice) {
  const list = element("div", "choices");
  const buttons = (object.action?.buttons ?? []).map((button) => button.reply);
  const rows = (object.action?.sections ?? []).flatMap((section) => section.rows ?? []);
  for (const [kind, offered] of [["button_reply", buttons], ["list_reply", rows]]) {
    for (const option of offered) {
      const button = element("button", "", option.title);
      button.type = "button";
      button.addEventListener("click", () => onChoice(kind, option));
      list.append(button);
    }
  }
  return list;
}

// The parts of a bubble, from Meta's form of the message.
function parts(entry, onChoice) {
  const message = entry.message;
  const type = message.type ?? "text";
  const object = message[type] ?? {};
  switch (type) {
    case "text":
      return [element("span", "", object.body)];
    case "image":
    case "sticker":
      return [picture(object), element("span", "", object.caption ?? "")];
    case "audio":
    case "video":
    case "document":
      return [element("span", "quiet", `${type}: ${object.filename ?? object.caption ?? object.link ?? object.id}`)];
    case "location":
      return [element("span", "", `📍 ${object.name ?? ""} ${object.latitude}, ${object.longitude}`)];
    case "reaction":
      return [element("span", "", object.emoji ? `${object.emoji} to a message` : "took a reaction back")];
    case "template":
      return [element("span", "quiet", `Template “${object.name}”`)];
    case "interactive": {
      const chosen = object.button_reply ?? object.list_reply;
      if (chosen) return [element("span", "", `▸ ${chosen.title}`)];
      const answer = (kind, option) => onChoice(entry, kind, option);
      return [element("span", "", object.body?.text ?? ""), choices(object, answer)];
    }
    default:
      return [element("span", "quiet", `(${type})`)];
  }
}

function bubble(entry, onChoice) {
  const item = element("li", entry.from_customer ? "bubble mine" : "bubble");
  item.dataset.id = entry.id;
  item.append(...parts(entry, onChoice));
  const meta = element("div", "meta");
  meta.append(element("time", "", new Date(entry.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })));
  if (entry.from_customer) {
    if (entry.hub_status) meta.append(element("span", "", `hub: ${entry.hub_status}`));
    const ticks = element("span", `ticks ${entry.state}`, TICKS[entry.state]);
    ticks.title = TELL[entry.state];
    ticks.setAttribute("aria-label", TELL[entry.state]);
    meta.append(ticks);
    item.classList.toggle("refused", entry.state === "refused");
  }
  item.append(meta);
  if (entry.hub_answer && entry.state !== "read") {
    const status = entry.hub_status ?? "no answer";
    const again = entry.state === "posting" ? `, attempt ${entry.attempts}, trying again` : "";
    item.append(element("div", "answer", `Hub: ${status}${again}. ${entry.hub_answer}`));
  }
  return item;
}

// Redraws only the bubbles that changed, so that a selection or a loaded picture stays.
export function draw(list, entries, onChoice) {
  const drawn = new Map([...list.children].map((item) => [item.dataset.id, item]));
  let changed = false;
  const wanted = entries.map((entry) => {
    const key = JSON.stringify([entry.state, entry.hub_status, entry.hub_answer, entry.attempts]);
    const old = drawn.get(entry.id);
    if (old?.dataset.key === key) return old;
    const item = bubble(entry, onChoice);
    item.dataset.key = key;
    changed ||= !old;
    return item;
  });
  if (wanted.length === 0) {
    wanted.push(element("li", "empty", "You are the customer. Write something: it arrives in the inbox, and the agent's answer appears here."));
  }
  list.replaceChildren(...wanted);
  return changed;
}
