// What every journey begins with: a running deployment, and people who come
// to it. A test fails for whatever their browsers complained of.
import { test as base } from "@playwright/test";
import type { Who } from "./accounts";
import { House } from "./house";
import { type Options, Person } from "./person";

export { expect } from "@playwright/test";

type Come = (who: Who, options?: Options) => Promise<Person>;

// `kept: false` is for journeys about signing in, or about second factors: each
// person signs in anew.
export const test = base.extend<{ come: Come; kept: boolean }, { house: House }>({
  kept: [true, { option: true }],
  house: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const house = await House.open();
      await use(house);
      await house.close();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  come: async ({ browser, house, kept }, use, info) => {
    const here: Person[] = [];
    await use(async (who, options) => {
      const person = await Person.arrive(browser, house, who, info, { kept: kept && !here.some((p) => p.account.key === who), ...options });
      here.push(person);
      return person;
    });
    for (const p of here) await p.leave();
  },
});
