import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/app";
import { arrivalOf } from "./session/arrival";
import { createSession } from "./session/session";
import { SetPassword } from "./session/set-password";
import { safeStorage } from "./session/storage";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/controls.css";
import "./session/sign-in.css";
import "./app/shell.css";
import "./inbox/inbox.css";
import "./thread/thread.css";
import "./thread/bubble.css";
import "./thread/composer.css";
import "./thread/details.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

const link = window.location.pathname === "/set-password" ? window.location.hash.slice(1) : null;
const session = createSession(window.fetch.bind(window), safeStorage());
const arrival = link === null ? arrivalOf(window.location.hash) : null;
if (arrival !== null) window.history.replaceState(null, "", "/");
if (link === null) void session.restore(arrival);
window.addEventListener("storage", ({ key, newValue }) => {
  session.storageChanged(key, newValue);
});

createRoot(root).render(
  <StrictMode>{link === null ? <App session={session} /> : <SetPassword token={link} />}</StrictMode>,
);
