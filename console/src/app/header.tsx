/** The bar on top: where we are, how the connection stands, who is signed in. */

import type { Me } from "../api/types";
import type { LinkState } from "../live/socket";
import { PresenceSwitch } from "../presence/presence-switch";
import { useStore } from "../state/store";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { useConsole } from "./console";

const LINK: Record<LinkState, { name: string; title: string }> = {
  live: { name: "Live", title: "Connected: new messages appear as they come" },
  connecting: { name: "Connecting", title: "Connecting to the live feed" },
  resuming: { name: "Catching up", title: "Connected again: fetching what was missed" },
  lost: { name: "Reconnecting", title: "Not connected: new messages don't appear" },
};

export function Header({ me }: { me: Me }) {
  const { session, live } = useConsole();
  const link = useStore(live.store, (state) => state);
  return (
    <header className="header">
      <div className="brand">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span className="brand__name">Switchboard</span>
      </div>
      <span className={`link link--${link}`} title={LINK[link].title} data-link={link}>
        <span className="link__light" aria-hidden="true" />
        <span className="link__name">{LINK[link].name}</span>
      </span>
      <div className="header__end">
        <PresenceSwitch me={me} />
        <div className="me">
          <Avatar name={me.name} seed={me.id} small />
          <div className="me__text">
            <span className="me__name">{me.name}</span>
            <span className="me__role">{me.role.name}</span>
          </div>
        </div>
        <button
          type="button"
          className="button button--icon"
          title="Sign out"
          aria-label="Sign out"
          onClick={() => session.signOut()}
        >
          <Icon name="out" />
        </button>
      </div>
    </header>
  );
}
