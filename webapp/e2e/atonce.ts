// Two who act in the same moment, each on what they saw before the other did.
import type { Person } from "./person";

export interface Act {
  readonly who: Person;
  readonly does: () => Promise<void>;
}

/** Holds what they send to these paths until all have sent it, then lets it go; returns how each was answered. */
export async function atOnce(paths: RegExp, acts: readonly Act[]): Promise<number[]> {
  let sent = 0;
  let letGo = (): void => undefined;
  const all = new Promise<void>((ok) => (letGo = ok));
  const answers = acts.map(({ who }) => who.page.waitForResponse((r) => paths.test(new URL(r.url()).pathname), { timeout: 30_000 }));
  for (const { who } of acts) {
    await who.page.route(
      (url) => paths.test(url.pathname),
      async (route) => {
        sent += 1;
        if (sent === acts.length) letGo();
        await all;
        await route.continue();
      },
    );
  }
  for (const { does } of acts) await does();
  const statuses = (await Promise.all(answers)).map((r) => r.status());
  for (const { who } of acts) await who.page.unrouteAll({ behavior: "wait" });
  return statuses;
}
