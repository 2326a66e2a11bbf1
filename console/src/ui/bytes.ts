/** How large a file is, for people. */

const UNITS = ["kB", "MB", "GB"];

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let [size, unit] = [count / 1000, 0];
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}
