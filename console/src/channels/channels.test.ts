import { describe, expect, it } from "vitest";

import type { ChannelType } from "../api/types";
import { luminance, upon } from "../ui/contrast";
import { acceptOf, assumed, initialsOf } from "./abilities";
import { createChannels } from "./channels";
import { partsOf } from "./parts";

const channel = (more: Partial<ChannelType>): ChannelType => ({ ...assumed("test"), ...more });
const limited = (max_text: number, text_unit: ChannelType["text_unit"] = "chars") =>
  channel({ max_text, text_unit, max_parts: 20 });

describe("the hub's list of channels", () => {
  it("is asked for until it is there, and then never again", async () => {
    let [asked, there] = [0, false];
    const channels = createChannels({
      channelTypes: () => {
        asked += 1;
        return there
          ? Promise.resolve({ items: [channel({ channel: "a", title: "A" })], next_cursor: null })
          : Promise.reject(new Error("down"));
      },
    });
    await channels.load();
    there = true;
    await channels.load();
    await channels.load();
    expect([asked, channels.store.get().get("a")?.title]).toEqual([2, "A"]);
  });

  it("shortens titles to two letters", () => {
    const titles = ["WhatsApp", "Web chat", "Telegram", "LINE", "X", "SendGrid", ""];
    expect(titles.map(initialsOf)).toEqual(["WA", "Wc", "Te", "LI", "X", "SG", ""]);
  });

  it("puts letters on every colour that can be read", () => {
    for (let grey = 0; grey < 256; grey += 1) {
      const colour = `#${grey.toString(16).padStart(2, "0").repeat(3)}`;
      const [ground, letters] = [luminance(colour), luminance(upon(colour))];
      const [lighter, darker] = [Math.max(ground, letters), Math.min(ground, letters)];
      expect((lighter + 0.05) / (darker + 0.05)).toBeGreaterThan(4.5);
    }
    expect([upon("#ffde00"), upon("#4a154b")]).toEqual(["#000000", "#ffffff"]);
  });

  it("lets files be chosen that the channel takes", () => {
    const media = (kind: "image" | "audio" | "document", ...mime_types: string[]) => ({
      kind,
      max_bytes: 1,
      mime_types,
    });
    expect(acceptOf(channel({ media: [media("image", "image/png"), media("document")] }))).toBeUndefined();
    expect(
      acceptOf(channel({ media: [media("image", "image/png", "image/jpeg"), media("audio"), media("image")] })),
    ).toBe("image/png,image/jpeg,audio/*,image/*");
    expect(acceptOf(channel({ media: [media("document", "application/pdf")] }))).toBe("application/pdf");
  });
});

/** The same cases as in `workers/src/desk/parts.rs`. */
describe("a long text", () => {
  it("is counted as the channel counts", () => {
    const faces = "😀".repeat(4096);
    expect([partsOf(faces, limited(4096)), partsOf(faces, limited(4096, "utf16"))]).toEqual([1, 2]);
    expect(["é".repeat(500), "é".repeat(501)].map((text) => partsOf(text, limited(1000, "bytes")))).toEqual([1, 2]);
  });

  it("goes out as twenty messages at most", () => {
    const most = "x".repeat(1000 * 20);
    expect([partsOf(most, limited(1000)), partsOf(`${most}x`, limited(1000))]).toEqual([20, Infinity]);
    // Words that can't be cut fill the parts badly.
    expect(partsOf(`${"x".repeat(501)} `.repeat(21), limited(1000))).toBe(Infinity);
    expect(partsOf(`a${" ".repeat(3000)}b`, limited(1000))).toBe(2);
  });

  it("is cut between paragraphs, sentences or words, whatever leaves no stump", () => {
    // After the paragraph there are 21 characters left, which are two messages; a cut by length would make three of all.
    expect(partsOf(`${"a".repeat(12)}\n\n${"b".repeat(21)}`, limited(20))).toBe(3);
    expect(partsOf("One two. Three four. Five six.", limited(12))).toBe(3);
    expect(partsOf("👩‍👩‍👧".repeat(4), limited(10))).toBe(2);
  });
});
