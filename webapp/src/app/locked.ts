// That this tab was locked, and by which service its person signs in: so that
// the page stays locked when it is loaded again. Who it is is not kept.

const where = "wardroom.locked";

export const rememberLock = (issuer: string): void => sessionStorage.setItem(where, issuer);

/** The service to sign in with again; "" if this tab is not locked. */
export const lockedBy = (): string => sessionStorage.getItem(where) ?? "";

export const forgetLock = (): void => sessionStorage.removeItem(where);
