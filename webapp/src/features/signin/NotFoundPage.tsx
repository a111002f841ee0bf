import { DutyNumber } from "../../ui/DutyNumber";

/** What is missing and what is not yours to know of look the same. */
export function NotFoundPage() {
  return (
    <div className="page page--narrow">
      <h1>There is nothing here for you</h1>
      <p className="page__lede">The address may be mistyped, or what it pointed to is not open to you. Wardroom gives the same answer for both.</p>
      <div className="actions">
        <a className="nhsuk-button" href="/">
          My rooms
        </a>
      </div>
    </div>
  );
}

/** Someone who was in the room a moment ago: left, or removed. */
export function NoLongerPage({ duty }: { duty: string }) {
  return (
    <div className="page page--narrow">
      <h1>You are no longer in this room</h1>
      <p className="page__lede">
        What you wrote stays in its log under your name. To come back you need a new invitation: ask a lead, or <DutyNumber duty={duty} />.
      </p>
      <div className="actions">
        <a className="nhsuk-button" href="/">
          My rooms
        </a>
      </div>
    </div>
  );
}
