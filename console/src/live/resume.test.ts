import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createResume } from "./resume";

const PATIENCE = 10_000;

function setUp() {
  const states: string[] = [];
  let refetches = 0;
  let reconnects = 0;
  const resume = createResume({
    refetch: () => {
      refetches += 1;
      return Promise.resolve();
    },
    onState: (state) => states.push(state),
    reconnect: () => {
      reconnects += 1;
    },
    patience: PATIENCE,
  });
  return { resume, states, refetches: () => refetches, reconnects: () => reconnects };
}

describe("the place in the live feed", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("comes with the first `ready`, and everything fetched before is fetched again", async () => {
    const { resume, states, refetches } = setUp();
    resume.connected();
    expect(resume.cursor()).toBeNull();
    await resume.ready("5-0");
    expect(resume.cursor()).toBe("5-0");
    expect([refetches(), states]).toEqual([1, ["live"]]);
  });

  it("follows the events", async () => {
    const { resume } = setUp();
    await resume.ready("5-0");
    resume.seen("6-0");
    resume.seen("6-1");
    expect(resume.cursor()).toBe("6-1");
  });

  it("is kept while the connection is lost, and nothing is fetched if the hub could continue from it", async () => {
    const { resume, states, refetches } = setUp();
    await resume.ready("5-0");
    resume.seen("6-0");
    resume.disconnected();
    expect(resume.cursor()).toBe("6-0");
    resume.connected();
    resume.seen("7-0");
    await resume.ready("9-0");
    expect([resume.cursor(), refetches()]).toEqual(["9-0", 1]);
    expect(states).toEqual(["live", "resuming", "live"]);
  });

  it("has got as far as what was replayed when the connection breaks again", async () => {
    const { resume } = setUp();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    resume.seen("6-0");
    resume.disconnected();
    expect(resume.cursor()).toBe("6-0");
  });

  it("begins anew when the hub no longer has what was missed", async () => {
    const { resume, refetches } = setUp();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    await resume.ready("90-0", true);
    expect([resume.cursor(), refetches()]).toEqual(["90-0", 2]);
  });

  it("knocks again when nothing comes, and keeps its place", async () => {
    const { resume, reconnects } = setUp();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    vi.advanceTimersByTime(PATIENCE - 1);
    resume.seen("6-0");
    vi.advanceTimersByTime(PATIENCE - 1);
    expect(reconnects()).toBe(0);
    vi.advanceTimersByTime(1);
    expect([reconnects(), resume.cursor()]).toEqual([1, "6-0"]);
  });

  it("waits for nothing once it is live, or gone", async () => {
    const { resume, reconnects } = setUp();
    resume.connected();
    await resume.ready("5-0");
    resume.disconnected();
    resume.connected();
    resume.disconnected();
    vi.advanceTimersByTime(PATIENCE * 2);
    expect(reconnects()).toBe(0);
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
