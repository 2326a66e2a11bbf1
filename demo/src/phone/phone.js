// The customer's phone: sends what you do as webhooks, shows what the hub sends.

import { draw } from "/view.js";

const PEOPLE = ["Amal", "Bruno", "Chipo", "Dunja", "Emeka", "Farah", "Giulia", "Hiro", "Ines", "Jakub"];
const find = (id) => document.getElementById(id);
const chat = find("chat");
let me = load();
let connected = false;
let entries = [];
let refresh = null;

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem("customer"));
    if (kept?.number) return kept;
  } catch {
    // Nothing kept, or not by us: be somebody new.
  }
  return somebody();
}

function somebody() {
  const name = PEOPLE[Math.floor(Math.random() * PEOPLE.length)];
  return { name, number: `1650555${String(Math.floor(Math.random() * 10000)).padStart(4, "0")}` };
}

function be(customer) {
  me = customer;
  localStorage.setItem("customer", JSON.stringify(me));
  find("me").textContent = me.name;
  find("name").value = me.name;
  find("number").value = me.number;
  entries = [];
  chat.replaceChildren();
  look();
}

function atBottom() {
  return chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
}

function toBottom() {
  chat.scrollTop = chat.scrollHeight;
  find("latest").hidden = true;
}

// Asks for the chat; while one question is under way, at most one more waits.
async function look() {
  if (refresh) {
    refresh.again = true;
    return;
  }
  refresh = { again: false };
  try {
    const number = me.number;
    const answer = await fetch(`/_phone/${number}`);
    if (!answer.ok) throw new Error(`the phone's server answered ${answer.status}`);
    const state = await answer.json();
    if (number === me.number) show(state);
  } catch (error) {
    complain(error.message);
  }
  const again = refresh.again;
  refresh = null;
  if (again) look();
}

function show(state) {
  entries = state.entries;
  const follow = atBottom() || entries.at(-1)?.from_customer;
  const news = draw(chat, entries, choose);
  if (news && follow) toBottom();
  else if (news) find("latest").hidden = false;
  const presence = state.typing ? "typing…" : connected ? `+${state.our_number} · hub at ${state.hub}` : "offline, trying again";
  find("presence").textContent = presence;
  if (state.typing) setTimeout(look, 2000);
  see();
}

// Whoever has the chat open has read it.
function see() {
  const unread = entries.some((entry) => !entry.from_customer && entry.state !== "read");
  if (unread && document.visibilityState === "visible") fetch(`/_phone/${me.number}/seen`, { method: "POST" });
}

function complain(text) {
  find("notice").textContent = text;
}

async function post(message, how = {}) {
  complain("");
  try {
    const answer = await fetch("/_phone/send", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from: me.number, name: me.name, message, ...how }),
    });
    if (!answer.ok) throw new Error((await answer.json()).error);
  } catch (error) {
    complain(`Not sent: ${error.message}`);
  }
}

const text = (body) => ({ type: "text", text: { body } });
const typed = (otherwise) => find("text").value.trim() || otherwise;
const lastFromHub = () => entries.findLast((entry) => !entry.from_customer);

function choose(entry, kind, option) {
  post({ type: "interactive", interactive: { type: kind, [kind]: option }, context: { id: entry.id } });
}

const TRICKS = {
  async picture() {
    const image = await (await fetch("/_phone/picture", { method: "POST" })).json();
    await post({ type: "image", image: { ...image, caption: typed("The parcel arrived like this") } });
  },
  location: () => post({ type: "location", location: { latitude: 52.3731, longitude: 4.8922, name: "Royal Palace", address: "Dam, Amsterdam" } }),
  button() {
    const asked = entries.findLast((entry) => !entry.from_customer && entry.message.interactive?.action?.buttons);
    const reply = asked?.message.interactive.action.buttons[0].reply ?? { id: "track-order", title: "Track my order" };
    return post({ type: "interactive", interactive: { type: "button_reply", button_reply: reply }, ...(asked && { context: { id: asked.id } }) });
  },
  reaction() {
    const to = lastFromHub() ?? entries.at(-1);
    if (!to) return complain("There is no message yet to react to.");
    return post({ type: "reaction", reaction: { message_id: to.id, emoji: "👍" } });
  },
  burst: () => post(text(typed("Hello?")), { burst: 20 }),
  twice: () => post(text(typed("Sent twice, shown once")), { copies: 2 }),
  unsigned: () => post(text(typed("This must not get in")), { signing: "missing" }),
};

document.querySelector(".tricks").addEventListener("click", async (event) => {
  const trick = TRICKS[event.target.dataset.trick];
  if (!trick) return;
  event.target.disabled = true;
  await trick();
  event.target.disabled = false;
});

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = typed("");
  if (!body) return;
  find("text").value = "";
  post(text(body));
});

find("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  find("composer").requestSubmit();
});

find("identity").addEventListener("submit", (event) => {
  event.preventDefault();
  be({ name: find("name").value.trim(), number: find("number").value });
  event.target.closest("details").open = false;
});
find("stranger").addEventListener("click", () => be(somebody()));
find("latest").addEventListener("click", toBottom);
chat.addEventListener("scroll", () => atBottom() && (find("latest").hidden = true));
document.addEventListener("visibilitychange", see);

const events = new EventSource("/_phone/events");
events.onopen = () => {
  connected = true;
  look();
};
events.onmessage = look;
events.onerror = () => {
  connected = false;
  find("presence").textContent = "offline, trying again";
};
be(me);
