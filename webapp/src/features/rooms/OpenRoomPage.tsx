import { useState, type FormEvent, type ReactNode } from "react";
import type { NewRoom, SessionOrg } from "../../protocol/rest";
import type { Mode, Roster } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup, SelectField, TextField } from "../../ui/Field";
import { rosterChoices } from "../../ui/names";
import { fromLondon } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";

type Props = {
  /** The hosts one may open it for, and the one it is opened for. */
  hosts: readonly SessionOrg[];
  org: string;
  onOrg: (code: string) => void;
  /** The M/ETHANE fields and what they hold. */
  report: NewRoom["report"];
  reportFields: (errorOf: (name: string) => string | undefined) => ReactNode;
  /** How grave it is, if that was said, and what is still missing of it. */
  severity: NewRoom["severity"];
  severityMissing: { name: string; message: string } | null;
  severityFields: (errorOf: (name: string) => string | undefined) => ReactNode;
  /** The report that it is opened of, if of one. */
  filed?: { readonly id: string; readonly reference: string; readonly orgName: string } | undefined;
  /** Rooms that this one may be about the same as. */
  alike?: ReactNode;
  onOpen: (room: NewRoom) => Promise<void>;
};

/** Opens a closed incident room. Nothing typed is lost whatever comes back. */
export function OpenRoomPage({ hosts, org, onOrg, report, reportFields, severity, severityMissing, severityFields, filed, alike, onOpen }: Props) {
  const [title, setTitle] = useState("");
  const [mode, setMode] = useState<Mode | "">(filed ? "incident" : "");
  const [roster, setRoster] = useState<Roster>("organisations");
  const [clock, setClock] = useState({ day: "", time: "" });
  const [asking, setAsking] = useState(false);
  const submit = useSubmit();

  const check = (e: FormEvent) => {
    e.preventDefault();
    const errors = [
      mode === "" ? { name: "mode", message: "Say whether this is a real incident or an exercise." } : null,
      title.trim() === "" ? { name: "title", message: "Give the room a plain title." } : null,
      report.type === "" ? { name: "report.type", message: "Say what type of incident it is." } : null,
      severityMissing,
      mode === "exercise" && (clock.day !== "" || clock.time !== "") && !fromLondon(clock.day, clock.time) ? { name: "clock.at", message: "Give the exercise’s date and time, or leave both empty." } : null,
    ].filter((x) => x !== null);
    if (errors.length > 0) submit.refuse(errors);
    else {
      submit.clear();
      setAsking(true);
    }
  };

  const open = async () => {
    setAsking(false);
    if (mode === "") return;
    const at = mode === "exercise" ? fromLondon(clock.day, clock.time) : null;
    await submit.run(() => onOpen({ title: title.trim(), mode, roster, org, report, ...(filed ? { filed: filed.id } : {}), ...(severity ? { severity } : {}), ...(at ? { clock: { at, factor: 1, paused: true } } : {}) }));
  };

  return (
    <div className="page">
      <a className="page__back" href="/">
        ‹ My rooms
      </a>
      <h1>Open an incident room</h1>
      <p className="page__lede">A closed room: only people you invite can see that it exists. Its log starts at once and cannot be rewritten.</p>
      {filed ? (
        <p className="page__note">
          Of report <a href={`/reports/${filed.id}`} className="tabular">{filed.reference}</a> by {filed.orgName}. It comes into the room as it was filed, for the hosts. The first report below is filled in from it, and is for everyone whom you invite: take out what they must not read.
        </p>
      ) : null}
      {alike}
      <form className="page__form" onSubmit={check} noValidate>
        <ErrorSummary problems={submit.problems} />
        {filed ? null : <RadioGroup
          id="mode"
          name="mode"
          legend="Is this real?"
          error={submit.errorOf("mode")}
          value={mode}
          onChange={setMode}
          choices={[
            { value: "incident", label: "Incident: this is happening", hint: "The room gets a number that begins with INC." },
            { value: "exercise", label: "Exercise", hint: "The word EXERCISE stands on every screen and every notice. An exercise can never become an incident." },
          ]}
        />}
        <TextField id="title" label="Title" hint="A plain one that gives nothing away, for example: Ransomware, several trusts." error={submit.errorOf("title")} value={title} onChange={(e) => setTitle(e.target.value)} maxLength={120} autoComplete="off" />
        {hosts.length > 1 ? (
          <SelectField id="org" label="You open it for" error={submit.errorOf("org")} value={org} onChange={(e) => onOrg(e.target.value)}>
            {hosts.map((o) => (
              <option key={o.code} value={o.code}>
                {o.name}
              </option>
            ))}
          </SelectField>
        ) : null}
        {mode === "exercise" ? (
          <fieldset className="nhsuk-fieldset nhsuk-form-group">
            <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">
              The exercise’s own clock starts at <span className="optional">(can be left empty)</span>
            </legend>
            <div className="nhsuk-hint">London time. The clock stands still until a lead starts it.</div>
            <div className="side-by-side">
              <TextField id="clock.at" type="date" label="Date" error={submit.errorOf("clock.at")} value={clock.day} onChange={(e) => setClock({ ...clock, day: e.target.value })} />
              <TextField type="time" label="Time, 24-hour" value={clock.time} onChange={(e) => setClock({ ...clock, time: e.target.value })} />
            </div>
          </fieldset>
        ) : null}

        <h2 className="form-heading">First report (M/ETHANE)</h2>
        {reportFields(submit.errorOf)}

        <h2 className="form-heading">How grave is it?</h2>
        {severityFields(submit.errorOf)}

        <h2 className="form-heading">Who sees who is here</h2>
        <RadioGroup
          id="roster"
          name="roster"
          legend="What guests may know of each other"
          hint="Hosts see everyone. Everyone sees the hosts and their own organisation. This is fixed once the room is open."
          error={submit.errorOf("roster")}
          value={roster}
          onChange={setRoster}
          choices={rosterChoices}
        />
        <div className="actions">
          <Button type="submit" busy={submit.busy}>
            {submit.busy ? "Opening…" : "Open the room"}
          </Button>
          <a href="/">Cancel</a>
        </div>
      </form>
      {asking ? (
        <Dialog title={mode === "exercise" ? "Open an EXERCISE?" : "Open a real INCIDENT?"} onClose={() => setAsking(false)}>
          <p>
            {mode === "exercise"
              ? "Everyone in it will see the word EXERCISE throughout. It can never become an incident: for a real one you would open another room."
              : "Everyone you invite will take this as happening now. If you are rehearsing, choose Exercise instead; this cannot be changed later."}
          </p>
          <div className="actions">
            <Button onClick={() => void open()}>{mode === "exercise" ? "Open the exercise" : "Open the incident"}</Button>
            <Button kind="secondary" onClick={() => setAsking(false)}>
              Go back
            </Button>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}
