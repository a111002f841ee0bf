import { Dialog } from "../../ui/Dialog";

/** When the second factor was last given, by the page's own knowledge; null for not in the last hour. */
export type Factor = { readonly at: number | null; readonly skew: number };

/** A little less than the server allows, so that there is time to send. */
const freshFor = 4.5 * 60_000;

/** Whether the second factor may still be used. Whether it was used already the server says. */
export function isFresh({ at, skew }: Factor): boolean {
  return at !== null && Date.now() + skew - at < freshFor;
}

/** Asks for the second factor, and comes back to the page: what was asked for is then chosen again. Of what one covers for an hour, `hour` says so. */
export function FactorFirst({ why, back, hour = false, onClose }: { why: string; back: string; hour?: boolean; onClose: () => void }) {
  return (
    <Dialog title="Confirm that it is you" onClose={onClose}>
      <p>{why} takes your second factor{hour ? ", which then covers the next hour. You come back to this page and choose it again." : ", each time. You come back to this page and choose it again within five minutes."}</p>
      <div className="actions">
        <a className="nhsuk-button" href={`/auth/step-up?${new URLSearchParams({ return: back }).toString()}`}>
          Confirm with my second factor
        </a>
      </div>
    </Dialog>
  );
}
