// The people who may sign in here. All are invented, and so are the organisations of everyone outside the two hosts;
// addresses end in .example, which no mail system delivers to (RFC 2606).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * The accounts of one issuer, with `extra` invented guests after them: guest1 of organisation T01, guest2 of T02, and so on.
 * A guest's subject depends on issuer and key alone, so it is the same on every run.
 */
export function accountsOf(issuer, extra) {
  const people = JSON.parse(readFileSync(new URL('accounts.json', import.meta.url), 'utf8')).filter((p) => p.issuer === issuer);
  for (let i = 1; i <= extra; i += 1) people.push(guest(issuer, i));
  return new Accounts(people);
}

function guest(issuer, i) {
  const code = `T${String(i).padStart(2, '0')}`;
  return {
    key: `guest${i}`,
    sub: createHash('sha256').update(`wardroom development guest ${issuer} ${i}`).digest('hex').slice(0, 24),
    name: `Guest ${i}`,
    email: `guest${i}@${code.toLowerCase()}.example`,
    organisation: code,
    organisationName: `Test organisation ${i}`,
    jobTitle: 'Guest',
    issuer,
    guest: true,
  };
}

/** Accounts finds people by key, by subject, and by what an application may send as login_hint (key or address). */
class Accounts {
  constructor(people) {
    this.people = people;
    this.byKey = new Map(people.map((p) => [p.key, p]));
    this.bySub = new Map(people.map((p) => [p.sub, p]));
    this.byEmail = new Map(people.map((p) => [p.email, p]));
  }

  hinted(hint) {
    return this.byKey.get(hint) ?? this.byEmail.get(hint);
  }

  /** Another person of the same issuer: whom a fault puts in someone's place. */
  otherThan(sub) {
    return this.people.find((p) => p.sub !== sub);
  }

  /** The claims of a person, as an issuer of real staff would vouch for them. */
  static claims(person) {
    return {
      sub: person.sub,
      name: person.name,
      email: person.email,
      email_verified: true,
      organisation: person.organisation,
    };
  }
}

export const claimsOf = Accounts.claims;
