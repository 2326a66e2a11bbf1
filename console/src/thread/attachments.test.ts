import { describe, expect, it } from "vitest";

import type { Attachment, Page } from "../api/types";
import { at, settled } from "../testing";
import { createAttachments } from "./attachments";

const file = (id: string, more: Partial<Attachment> = {}): Attachment => ({
  id,
  index: 0,
  state: "stored",
  inline: true,
  url: `/files/${id}`,
  url_expires_at: at(3600),
  created_at: at(0),
  ...more,
});

function setUp(answers: Record<string, Attachment[]>) {
  const asked: string[][] = [];
  const timers: { run: () => void; millis: number }[] = [];
  let now = Date.parse(at(0));
  const attachments = createAttachments({
    hub: {
      attachments: (ids: string[]) => {
        asked.push(ids);
        const items = ids.flatMap((id) => answers[id]?.shift() ?? []);
        return Promise.resolve<Page<Attachment>>({ items, next_cursor: null });
      },
    },
    now: () => now,
    later: (run, millis) => timers.push({ run, millis }),
  });
  const tick = async () => {
    for (const { run } of timers.splice(0)) run();
    await settled();
  };
  const advance = (seconds: number) => {
    now += seconds * 1000;
  };
  return { attachments, asked, timers, tick, advance };
}

describe("files of messages", () => {
  it("are asked for together and once", async () => {
    const { attachments, asked, tick } = setUp({ a: [file("a")], b: [file("b")] });
    attachments.need("a");
    attachments.need("b");
    attachments.need("a");
    await tick();
    attachments.need("a");
    await tick();
    expect(asked).toEqual([["a", "b"]]);
    expect(attachments.store.get().get("b")?.url).toBe("/files/b");
  });

  it("are asked for again when their link is about to end", async () => {
    const { attachments, asked, tick, advance } = setUp({ a: [file("a"), file("a", { url: "/files/new" })] });
    attachments.need("a");
    await tick();
    advance(3590);
    attachments.need("a");
    await tick();
    expect(asked).toEqual([["a"], ["a"]]);
    expect(attachments.store.get().get("a")?.url).toBe("/files/new");
  });

  it("are looked at again while they are being fetched, but not for ever", async () => {
    const pending = file("a", { state: "pending", url: null, url_expires_at: null });
    const { attachments, asked, timers, tick } = setUp({ a: Array.from({ length: 50 }, () => pending) });
    attachments.need("a");
    for (let i = 0; i < 50 && (timers.length > 0 || i === 0); i++) await tick();
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(10);
  });

  it("that can't be had aren't asked for again", async () => {
    const failed = file("a", { state: "failed", url: null, url_expires_at: null });
    const { attachments, asked, tick } = setUp({ a: [failed, failed] });
    attachments.need("a");
    await tick();
    attachments.need("a");
    await tick();
    expect(asked).toEqual([["a"]]);
  });
});
