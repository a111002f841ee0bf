// The invented people whom the development sign-in services vouch for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./house";

export interface Account {
  readonly key: string;
  readonly name: string;
  readonly email: string;
  readonly organisation: string;
  readonly organisationName: string;
  readonly issuer: "health" | "ncsc";
}

export type Who = "lead" | "nightlead" | "loggist" | "comms" | "admin" | "ciso" | "colleague" | "director" | "contact" | "outsider" | "supplier" | "auditor" | "ncsc" | "ncsc2";

const all = JSON.parse(readFileSync(join(repository, "deploy/dev/idp/accounts.json"), "utf8")) as readonly Account[];

/** One of them, by the part they play. */
export function account(who: Who): Account {
  const found = all.find((a) => a.key === who);
  if (!found) throw new Error(`there is no account ${who} in deploy/dev/idp/accounts.json`);
  return found;
}

/** What the sign-in page calls each service. */
export const issuerName = { health: "Health and care staff", ncsc: "NCSC staff" } as const;
