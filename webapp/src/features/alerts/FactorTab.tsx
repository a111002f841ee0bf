import { Dialog } from "../../ui/Dialog";

/** Where the second factor leads back to. */
export const confirmedPath = "/alerts/confirmed";

/** Asks for the second factor in a page of its own, so that nothing that was written here is lost. */
export function FactorTab({ why, press, onClose }: { why: string; press: string; onClose: () => void }) {
  return (
    <Dialog title="Confirm that it is you" onClose={onClose}>
      <p>{why} takes your second factor, each time. It is asked for in a page of its own, and what you wrote stays here. Then come back to this page and press {press} again, within five minutes.</p>
      <div className="actions">
        <a className="nhsuk-button" target="_blank" rel="noopener" href={`/auth/step-up?${new URLSearchParams({ return: confirmedPath }).toString()}`} onClick={onClose}>
          Confirm with my second factor<span className="unseen"> (opens a new page)</span>
        </a>
      </div>
    </Dialog>
  );
}

/** What that page shows once it is done. */
export function Confirmed() {
  return (
    <div className="page page--narrow">
      <h1>It is you</h1>
      <p className="page__lede">Close this page, go back to the one you came from, and press the button again within five minutes.</p>
      <p>
        <a href="/alerts">All alerts</a>
      </p>
    </div>
  );
}
