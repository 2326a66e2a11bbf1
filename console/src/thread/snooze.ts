/** Times at which a snoozed conversation can come back. */

export interface SnoozeChoice {
  name: string;
  hint: string;
  /** RFC 3339. */
  until: string;
}

const START_OF_DAY = 9;
const label = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" });

export function snoozeChoices(now: Date): SnoozeChoice[] {
  const inHours = (count: number) => new Date(now.getTime() + count * 3_600_000);
  const inDays = (count: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + count, START_OF_DAY);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const choices: [string, Date][] = [
    ["For 1 hour", inHours(1)],
    ["For 4 hours", inHours(4)],
    ["Until tomorrow", inDays(1)],
    ["Until Monday", inDays(toMonday)],
  ];
  return choices.map(([name, at]) => ({ name, hint: label.format(at), until: at.toISOString() }));
}
