// An invitation's or setup's token arrives behind the # of a link. It is taken
// out of the address at once and kept for this tab only, so that it survives
// the way to the sign-in service and back and stands in no history.

const name = (what: "join" | "setup") => `wardroom.${what}`;

/** Takes a token out of the address, if it carries one, and returns the one kept. */
export function pocketed(what: "join" | "setup"): string {
  const token = decodeURIComponent(location.hash.replace(/^#/, ""));
  if (location.pathname === `/${what}` && token !== "") {
    sessionStorage.setItem(name(what), token);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(name(what)) ?? "";
}

/** Forgets the token: it was used, or it is dead. */
export const emptyPocket = (what: "join" | "setup"): void => sessionStorage.removeItem(name(what));
