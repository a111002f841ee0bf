import { useEffect, useState } from "react";
import type { ConnectionState } from "../stream/connection";

type Shown = { text: string; quiet: boolean } | null;

/** What to say of the connection; null while there is nothing to say. `waited` is true once the state has lasted a moment. */
export function bannerFor(state: ConnectionState, behind: boolean, waited: boolean): Shown {
  switch (state.name) {
    case "live":
      return behind && waited ? { text: "Catching up: what you see may be a few entries behind.", quiet: true } : null;
    case "waiting":
      if (state.until === null) return { text: "You are offline. You can read what is here; what you write is queued and sent once when you are back.", quiet: false };
      return waited ? { text: "The connection was lost. Reconnecting; what you write is queued.", quiet: false } : null;
    case "ticket":
    case "connecting":
      return waited ? { text: "Connecting…", quiet: true } : null;
    case "signedOut":
      return { text: "You are signed out. Sign in again to go on; what you wrote is kept.", quiet: false };
    case "idle":
    case "locked":
    case "stopped":
      return null;
  }
}

/** One line under the header when something is not as it should be. */
export function ConnectionBanner({ state, behind, onWake }: { state: ConnectionState; behind: boolean; onWake: () => void }) {
  const [waited, setWaited] = useState(false);
  const calm = state.name === "live" && !behind;
  useEffect(() => {
    setWaited(false);
    if (calm) return;
    const t = window.setTimeout(() => setWaited(true), 2_000);
    return () => window.clearTimeout(t);
  }, [calm, state.name]);
  const shown = bannerFor(state, behind, waited);
  return (
    <div role="status" className="banner-place">
      {shown ? (
        <div className={shown.quiet ? "banner banner--quiet" : "banner"}>
          <span>{shown.text}</span>
          {state.name === "waiting" && state.until !== null ? (
            <button type="button" onClick={onWake}>
              Try now
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
