/** Black or white upon a colour, whichever is read more easily: one of them always has 4.5:1 (WCAG 2). */

export function upon(colour: string): "#000000" | "#ffffff" {
  const light = luminance(colour);
  return 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/** Relative luminance of `#rrggbb`, from 0 to 1. */
export function luminance(colour: string): number {
  const channel = (at: number) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
