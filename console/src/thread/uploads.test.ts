import { describe, expect, it } from "vitest";

import { ApiError } from "../api/errors";
import type { Hub } from "../api/hub";
import type { Attachment } from "../api/types";
import { at, deferred, settled } from "../testing";
import { createUploads, messagesOf } from "./uploads";

const attachment = (id: string, more: Partial<Attachment> = {}): Attachment => ({
  id,
  index: 0,
  state: "stored",
  inline: true,
  url: `/files/${id}`,
  url_expires_at: at(3600),
  created_at: at(0),
  send_as: "image",
  max_caption_chars: 10,
  ...more,
});

function setUp() {
  const answers: ReturnType<typeof deferred<Attachment>>[] = [];
  const options: Parameters<Hub["upload"]>[2][] = [];
  let keys = 0;
  const uploads = createUploads({
    hub: {
      upload: (_id, _file, more) => {
        const answer = deferred<Attachment>();
        more.signal.addEventListener("abort", () => {
          answer.reject(new ApiError(0, "aborted", ""));
        });
        answers.push(answer);
        options.push(more);
        return answer.promise;
      },
    },
    newKey: () => `key-${++keys}`,
    onUploaded: () => undefined,
  });
  return { uploads, answers, options };
}

const file = (name: string) => new File(["x"], name);

describe("uploads", () => {
  it("tell how far they are, then can be sent once", async () => {
    const { uploads, answers, options } = setUp();
    uploads.add("c1", [file("a.png")]);
    options[0]!.onProgress(0.5);
    expect(uploads.of("c1")[0]).toMatchObject({ name: "a.png", state: "uploading", progress: 0.5 });
    expect(uploads.take("c1")).toEqual([]);
    answers[0]!.resolve(attachment("f1"));
    await settled();
    expect(uploads.of("c1")[0]).toMatchObject({ state: "ready", progress: 1 });
    expect(uploads.take("c1").map(({ id }) => id)).toEqual(["f1"]);
    expect(uploads.of("c1")).toEqual([]);
  });

  it("that are refused say why and stay until they are taken away", async () => {
    const { uploads, answers } = setUp();
    uploads.add("c1", [file("a.exe"), file("b.png")]);
    answers[0]!.reject(new ApiError(415, "unsupported_media_type", "Programs can't be sent as files."));
    answers[1]!.resolve(attachment("f2"));
    await settled();
    expect(uploads.of("c1")[0]).toMatchObject({ state: "failed", failure: "Programs can't be sent as files." });
    expect(uploads.take("c1").map(({ id }) => id)).toEqual(["f2"]);
    uploads.remove("c1", "key-1");
    expect(uploads.of("c1")).toEqual([]);
  });

  it("that are called off leave nothing behind", async () => {
    const { uploads, options } = setUp();
    uploads.add("c1", [file("a.png")]);
    uploads.remove("c1", "key-1");
    await settled();
    expect(options[0]!.signal.aborted).toBe(true);
    expect(uploads.of("c1")).toEqual([]);
  });
});

describe("words beside files", () => {
  it("go with the first file where the channel shows them there, else after the files", () => {
    const [a, b] = [attachment("a"), attachment("b")];
    expect(messagesOf([], "hi")).toEqual([{ text: "hi" }]);
    expect(messagesOf([a], "")).toEqual([{ file: a, text: "" }]);
    expect(messagesOf([a, b], "hi")).toEqual([
      { file: a, text: "hi" },
      { file: b, text: "" },
    ]);
    expect(messagesOf([a], "longer than ten")).toEqual([{ file: a, text: "" }, { text: "longer than ten" }]);
    const audio = attachment("c", { send_as: "audio", max_caption_chars: 0 });
    expect(messagesOf([audio], "hi")).toEqual([{ file: audio, text: "" }, { text: "hi" }]);
  });
});
