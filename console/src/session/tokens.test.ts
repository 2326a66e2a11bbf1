import { describe, expect, it } from "vitest";

import { createHttp } from "../api/http";
import type { SessionBody } from "../api/types";
import { deferred, me, settled } from "../testing";
import { createTokens } from "./tokens";

const session = (access_token: string, expires_in = 900): SessionBody => ({ access_token, expires_in, user: me({}) });

const noFiles = () => Promise.reject(new Error("no file is sent here"));

function setUp() {
  const refreshes: ReturnType<typeof deferred<SessionBody>>[] = [];
  const timers: { run: () => void; millis: number; cancelled: boolean }[] = [];
  const renewed: string[] = [];
  let now = 0;
  const tokens = createTokens({
    refresh: () => {
      const answer = deferred<SessionBody>();
      refreshes.push(answer);
      return answer.promise;
    },
    onRenewed: ({ access_token }) => renewed.push(access_token),
    now: () => now,
    setTimer: (run, millis) => {
      const timer = { run, millis, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  });
  return { tokens, refreshes, timers, renewed, pass: (millis: number) => (now += millis) };
}

describe("the access token", () => {
  it("is renewed a minute before its end, or at half its life if it is short", () => {
    const { tokens, timers } = setUp();
    tokens.adopt(session("a", 900));
    tokens.adopt(session("b", 60));
    expect(timers.map(({ millis, cancelled }) => [millis, cancelled])).toEqual([
      [840_000, true],
      [30_000, false],
    ]);
  });

  it("is asked for once, however many need it", async () => {
    const { tokens, refreshes, renewed } = setUp();
    tokens.adopt(session("a"));
    const all = [tokens.renew(), tokens.renew(), tokens.renew()];
    refreshes[0]!.resolve(session("b"));
    expect(await Promise.all(all)).toEqual(["b", "b", "b"]);
    expect([refreshes.length, renewed, tokens.current()]).toEqual([1, ["b"], "b"]);
  });

  it("is asked for again after a failure that passes", async () => {
    const { tokens, refreshes, timers } = setUp();
    tokens.adopt(session("a"));
    timers[0]!.run();
    refreshes[0]!.reject(new Error("down"));
    await settled();
    timers.at(-1)!.run();
    refreshes[1]!.resolve(session("b"));
    await settled();
    expect(tokens.current()).toBe("b");
  });

  it("doesn't come back after signing out", async () => {
    const { tokens, refreshes, timers } = setUp();
    tokens.adopt(session("a"));
    const late = tokens.renew();
    tokens.forget();
    refreshes[0]!.resolve(session("b"));
    await expect(late).rejects.toThrow();
    expect(tokens.current()).toBeNull();
    expect(timers[0]!.cancelled).toBe(true);
  });

  it("is checked when the machine wakes up", async () => {
    const { tokens, refreshes, pass } = setUp();
    tokens.adopt(session("a", 900));
    await tokens.ensureFresh();
    expect(refreshes).toHaveLength(0);
    pass(3_600_000);
    void tokens.ensureFresh();
    expect(refreshes).toHaveLength(1);
  });
});

describe("a refused call", () => {
  const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

  it("is repeated once with a fresh token", async () => {
    const { tokens, refreshes } = setUp();
    tokens.adopt(session("old"));
    const used: (string | null)[] = [];
    const fetch = ((_url: string, init: RequestInit) => {
      const token = new Headers(init.headers).get("authorization");
      used.push(token);
      return Promise.resolve(
        token === "Bearer new"
          ? answer(200, { ok: 1 })
          : answer(401, { error: { code: "unauthorized", message: "no" } }),
      );
    }) as typeof globalThis.fetch;
    const call = createHttp({ fetch, sendFile: noFiles, tokens }).request("GET", "/me");
    await settled();
    refreshes[0]!.resolve(session("new"));
    expect(await call).toEqual({ ok: 1 });
    expect(used).toEqual(["Bearer old", "Bearer new"]);
  });

  it("isn't repeated for ever", async () => {
    const { tokens, refreshes } = setUp();
    tokens.adopt(session("old"));
    let calls = 0;
    const fetch = (() => {
      calls += 1;
      return Promise.resolve(answer(401, { error: { code: "unauthorized", message: "Sign in." } }));
    }) as typeof globalThis.fetch;
    const call = createHttp({ fetch, sendFile: noFiles, tokens }).request("GET", "/me");
    await settled();
    refreshes[0]!.resolve(session("new"));
    await expect(call).rejects.toMatchObject({ status: 401, code: "unauthorized", message: "Sign in." });
    expect(calls).toBe(2);
  });
});
