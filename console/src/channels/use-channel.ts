/** The channel of what is shown. */

import { useConsole } from "../app/console";
import type { Channel, ChannelType } from "../api/types";
import { useStore } from "../state/store";
import { assumed } from "./abilities";

export function useChannel(channel: Channel): ChannelType {
  const { channels } = useConsole();
  return useStore(channels.store, (all) => all.get(channel)) ?? assumed(channel);
}
