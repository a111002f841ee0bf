import { Dialog } from "./Dialog";

/** Asks for the second factor before something that takes it, and comes back; `once`: what takes it takes a new one each time. */
export function StepUp({ why, back, once = false, onClose }: { why: string; back: string; once?: boolean; onClose: () => void }) {
  return (
    <Dialog title="Confirm that it is you" onClose={onClose}>
      <p>{why} takes your second factor{once ? ", each time. You come back to this page: then press again." : ". It then covers the next 60 minutes. You come back to this page."}</p>
      <div className="actions">
        <a className="nhsuk-button" href={`/auth/step-up?${new URLSearchParams({ return: back }).toString()}`}>
          Confirm with my second factor
        </a>
      </div>
    </Dialog>
  );
}
