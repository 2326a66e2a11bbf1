/** What each channel is called, looks like and can do: the hub's own list, so that a new channel needs nothing here. */

import type { Hub } from "../api/hub";
import type { Channel, ChannelType } from "../api/types";
import { createStore, type Store } from "../state/store";

export type Channels = ReturnType<typeof createChannels>;

export function createChannels(hub: Pick<Hub, "channelTypes">) {
  const store: Store<ReadonlyMap<Channel, ChannelType>> = createStore<ReadonlyMap<Channel, ChannelType>>(new Map());
  return {
    store,
    /** Asks for the list unless it is there; until then every channel is taken to allow everything. */
    async load(): Promise<void> {
      if (store.get().size > 0) return;
      const answer = await hub.channelTypes().catch(() => null);
      if (answer === null) return;
      store.set(() => new Map(answer.items.map((type) => [type.channel, type] as const)));
    },
  };
}
