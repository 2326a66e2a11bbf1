import { expect, it } from "vitest";

import { hrefOf, pieces } from "./links";

it("finds addresses without the sentence around them", () => {
  expect(pieces("See (https://a.example/x?y=1), or www.b.example.")).toEqual([
    { text: "See (" },
    { text: "https://a.example/x?y=1", href: "https://a.example/x?y=1" },
    { text: "), or " },
    { text: "www.b.example", href: "https://www.b.example/" },
    { text: "." },
  ]);
  expect(pieces("https://a.example/wiki/X_(y)")).toEqual([
    { text: "https://a.example/wiki/X_(y)", href: "https://a.example/wiki/X_(y)" },
  ]);
});

it("makes no link of anything that could run", () => {
  expect(pieces("javascript:alert(1) data:text/html,x <b>")).toEqual([
    { text: "javascript:alert(1) data:text/html,x <b>" },
  ]);
  expect(hrefOf("javascript:alert(1)")).toBeNull();
  expect(hrefOf("data:text/html,x")).toBeNull();
});
