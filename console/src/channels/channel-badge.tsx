/** Names the channel a conversation came through. */

import type { CSSProperties } from "react";

import { upon } from "../ui/contrast";
import { initialsOf } from "./abilities";
import { useChannel } from "./use-channel";

export function ChannelBadge({ channel }: { channel: string }) {
  const { title, colour } = useChannel(channel);
  const colours = { "--channel": colour, "--on-channel": upon(colour) } as CSSProperties;
  return (
    <span className="channel" style={colours} title={title} data-channel={channel}>
      <span aria-hidden="true">{initialsOf(title)}</span>
      <span className="unseen">{title}</span>
    </span>
  );
}
