// Signing in without a sign-in service, and shutting an organisation out: what
// is asked and answered.
import { count, flag, isRecord, listOf, maybe, nullable, shape, text } from "./guard";
import type { Instant, OrgID, PersonID } from "./types";

/** How a session was begun: at a sign-in service, with a passkey, by codes. */
export type Way = "" | "passkey" | "code";

export interface Passkey {
  readonly number: number;
  readonly name: string;
  readonly created: Instant;
  readonly used: Instant | null;
  readonly copied: boolean;
}
export interface Ceremony {
  readonly options: string;
  readonly state: string;
}
export interface PersonOf {
  readonly id: PersonID;
  readonly name: string;
}
export interface Coming {
  readonly request: string;
  readonly person: PersonID;
  readonly name: string;
  readonly orgs: readonly OrgID[];
  readonly issuer: string;
  readonly down: boolean;
  readonly channel: "sms" | "email" | "voice";
  readonly at: Instant;
  readonly until: Instant;
  readonly approved?: string;
  readonly mine: boolean;
}
export interface ComingIn {
  readonly may: boolean;
  readonly asking: readonly Coming[];
  readonly inside: readonly { readonly person: PersonID; readonly name: string; readonly until: Instant }[];
}
export interface Frozen {
  readonly code: OrgID;
  readonly name: string;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly out: readonly PersonOf[];
  readonly in: readonly PersonOf[];
  readonly asked?: { readonly by: string; readonly at: Instant; readonly reason: string; readonly mine: boolean };
  readonly alone: boolean;
}
export interface Freezes {
  readonly may: boolean;
  readonly frozen: readonly Frozen[];
  readonly sessions: number;
  readonly people: number;
}

const person = shape({ id: text, name: text });
const passkey = shape({ number: count, name: text, created: text, used: nullable(text), copied: flag });

export const fallbackGuards = {
  passkeys: shape({ passkeys: listOf(passkey) }),
  ceremony: shape({ options: text, state: text }),
  asked: shape({ request: text }),
  approved: shape({ code: text, until: text }),
  coming: shape({
    may: flag,
    asking: listOf(shape({ request: text, person: text, name: text, orgs: listOf(text), issuer: text, down: flag, at: text, until: text, approved: maybe(text), mine: flag })),
    inside: listOf(shape({ person: text, name: text, until: text })),
  }),
  freezes: shape({ may: flag, sessions: count, people: count, frozen: listOf(shape({ code: text, name: text, at: text, by: text, reason: text, out: listOf(person), in: listOf(person), asked: maybe(isRecord), alone: flag })) }),
  byCodes: shape({ members: listOf(shape({ member: count, until: text })) }),
};

/** Whether this browser, at this address, can use passkeys at all: they are for a name, never for a number. */
export const passkeysWork = (): boolean =>
  typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function" && !/^(\[|\d+\.\d+\.\d+\.\d+$)/.test(location.hostname);

const publicKeyOf = (options: string): Record<string, unknown> => {
  const o: unknown = JSON.parse(options);
  if (!isRecord(o) || !isRecord(o["publicKey"])) throw new Error("no options");
  return o["publicKey"];
};
const answerOf = (c: Credential | null): string => {
  if (!(c instanceof PublicKeyCredential)) throw new DOMException("nothing was chosen", "NotAllowedError");
  return JSON.stringify(c.toJSON());
};

/** Has the device make a passkey. */
export const makePasskey = async (options: string): Promise<string> =>
  answerOf(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKeyOf(options) as unknown as PublicKeyCredentialCreationOptionsJSON) }));

/** Has the device answer with one. */
export const showPasskey = async (options: string): Promise<string> =>
  answerOf(await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKeyOf(options) as unknown as PublicKeyCredentialRequestOptionsJSON) }));
