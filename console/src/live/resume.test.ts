import { describe, expect, it } from "vitest";

import { deferred, settled } from "../testing";
import { createResume, type ResumeAnswer } from "./resume";

function setUp() {
  const asks: { cursor: string; answer: ReturnType<typeof deferred<ResumeAnswer>> }[] = [];
  const states: string[] = [];
  let refetches = 0;
  let reconnects = 0;
  const resume = createResume({
    ask: (cursor) => {
      const answer = deferred<ResumeAnswer>();
      asks.push({ cursor, answer });
      return answer.promise;
    },
    refetch: () => {
      refetches += 1;
      return Promise.resolve();
    },
    onState: (state) => states.push(state),
    reconnect: () => {
      reconnects += 1;
    },
  });
  return { resume, asks, states, refetches: () => refetches, reconnects: () => reconnects };
}

describe("the place in the live feed", () => {
  it("comes with the first `ready`, and everything fetched before is fetched again", async () => {
    const { resume, asks, states, refetches } = setUp();
    resume.connected();
    await resume.ready("5-0");
    expect(resume.cursor()).toBe("5-0");
    expect([asks.length, refetches(), states]).toEqual([0, 1, ["live"]]);
  });

  it("follows the events", async () => {
    const { resume } = setUp();
    await resume.ready("5-0");
    resume.seen("6-0");
    resume.seen("6-1");
    expect(resume.cursor()).toBe("6-1");
  });

  it("is asked for after a lost connection; the new `ready` doesn't skip the gap", async () => {
    const { resume, asks, states } = setUp();
    await resume.ready("5-0");
    resume.seen("6-0");
    resume.disconnected();
    resume.connected();
    await resume.ready("9-0");
    expect(asks.map(({ cursor }) => cursor)).toEqual(["6-0"]);
    asks[0]!.answer.resolve({ ok: true, cursor: "9-0" });
    await settled();
    expect(resume.cursor()).toBe("9-0");
    expect(states).toEqual(["live", "resuming", "live"]);
  });

  it("stands still while missed events are replayed, so that a second break loses none of them", async () => {
    const { resume, asks } = setUp();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    resume.seen("12-0");
    resume.disconnected();
    resume.connected();
    expect(asks.map(({ cursor }) => cursor)).toEqual(["5-0", "5-0"]);
    // The answer to the first connection comes too late to count.
    asks[0]!.answer.resolve({ ok: true, cursor: "12-0" });
    await settled();
    expect(resume.cursor()).toBe("5-0");
    asks[1]!.answer.resolve({ ok: true, cursor: "13-0" });
    await settled();
    resume.seen("14-0");
    expect(resume.cursor()).toBe("14-0");
  });

  it("begins anew when the hub no longer has what was missed", async () => {
    const { resume, asks, refetches } = setUp();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    asks[0]!.answer.resolve({ refetch: true, cursor: "90-0" });
    await settled();
    expect([resume.cursor(), refetches()]).toEqual(["90-0", 2]);
  });

  it("knocks again when no answer comes, and keeps its place", async () => {
    const { resume, asks, reconnects } = setUp();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    asks[0]!.answer.reject(new Error("timeout"));
    await settled();
    expect([reconnects(), resume.cursor()]).toEqual([1, "5-0"]);
  });

  it("begins anew when the hub has skipped ahead of a console that was too slow", async () => {
    const { resume, refetches } = setUp();
    await resume.ready("5-0");
    await resume.ready("70-0", true);
    expect([resume.cursor(), refetches()]).toEqual(["70-0", 2]);
  });

  it("takes no event for its place before it has one", () => {
    const { resume } = setUp();
    resume.seen("3-0");
    expect(resume.cursor()).toBeNull();
  });
});
