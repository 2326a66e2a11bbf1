import { expect, it } from "vitest";

import { reachedBy } from "./contact-cards";

it("finds how somebody is reached, in whichever form the card comes", () => {
  expect(
    reachedBy([
      {
        name: { formatted_name: "Ann Example" },
        birthday: "1990-01-31",
        phones: [{ phone: "+1 (940) 555-1234", type: "HOME", wa_id: "19405551234" }],
        emails: [{ email: "Ann@example.com" }, { email: "ann@example.com" }],
      },
    ]),
  ).toBe("+1 (940) 555-1234\nAnn@example.com");
  expect(reachedBy([{ phone_number: "491700000001", first_name: "Ben" }, { tel: 12 }, null, "x"])).toBe("491700000001");
});
