/** Times as people read them, in the browser's language and time zone. */

const hours = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const yearDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const timeOfDay = (time: string | number) => hours.format(new Date(time));
export const fullTime = (time: string | number) => full.format(new Date(time));

/** Days between the calendar days of two instants, by local time. */
export function daysBefore(time: string | number, now: number): number {
  const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  return Math.round((midnight(new Date(now)) - midnight(new Date(time))) / 86_400_000);
}

/** For a list row: the hour today, then the day. */
export function rowTime(time: string, now: number): string {
  const days = daysBefore(time, now);
  if (days <= 0) return timeOfDay(time);
  if (days === 1) return "Yesterday";
  return days < 7 ? weekday.format(new Date(time)) : shortDay.format(new Date(time));
}

/** For a separator between days. */
export function dayName(time: string | number, now: number): string {
  const days = daysBefore(time, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (days < 300 ? longDay : yearDay).format(new Date(time));
}

/** What is left, as `0:42` or `3 h 20 min`; never below zero. */
export function remaining(millis: number): string {
  const seconds = Math.max(0, Math.ceil(millis / 1000));
  if (seconds < 600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
