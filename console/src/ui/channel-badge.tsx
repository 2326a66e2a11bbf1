/** Names the channel a conversation came through. */

const NAMES: Record<string, { name: string; short: string }> = {
  whatsapp: { name: "WhatsApp", short: "WA" },
  messenger: { name: "Messenger", short: "Ms" },
  instagram: { name: "Instagram", short: "Ig" },
  telegram: { name: "Telegram", short: "Tg" },
  sms: { name: "SMS", short: "SM" },
  email: { name: "Email", short: "@" },
  webchat: { name: "Web chat", short: "Wc" },
};

export function channelName(channel: string): string {
  return NAMES[channel]?.name ?? channel.charAt(0).toUpperCase() + channel.slice(1);
}

export function ChannelBadge({ channel }: { channel: string }) {
  return (
    <span className={`channel channel--${channel in NAMES ? channel : "other"}`} title={channelName(channel)}>
      <span aria-hidden="true">{NAMES[channel]?.short ?? channel.slice(0, 2)}</span>
      <span className="unseen">{channelName(channel)}</span>
    </span>
  );
}
