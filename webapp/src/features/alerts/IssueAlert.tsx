import { useEffect, useState } from "react";
import { type AlertApi, alertSeverities, type AlertReach, type AlertRoom, type AlertSeverity } from "../../protocol/alert";
import { ApiError } from "../../protocol/problem";
import { orgTypes, type OrgType, type TLP } from "../../protocol/types";
import { newKey } from "../../protocol/ulid";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Checkbox, RadioGroup, TextArea, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { orgTypeName } from "../../ui/names";
import { shownProblem } from "../../ui/problem";
import { BroughtBack, useDraft } from "../../ui/useDraft";
import { useSubmit } from "../../ui/useSubmit";
import { list, plural } from "../../ui/words";
import { FactorTab } from "./FactorTab";
import { severityHint, severityWord } from "./words";

const labels: readonly TLP[] = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"];
const split = (text: string, by: RegExp): string[] => text.split(by).map((x) => x.trim()).filter((x) => x !== "");
const addressable: readonly OrgType[] = orgTypes.filter((t) => t !== "host" && t !== "audit" && t !== "ccg");

type Props = { alerts: Pick<AlertApi, "reach" | "issue">; /** The room it is issued out of. */ room: AlertRoom | null; onIssued: (number: number) => void; onCancel: () => void };

/** Writes an alert, shows whom it goes to, and issues it. */
export function IssueAlert({ alerts, room, onIssued, onCancel }: Props) {
  const [title, setTitle] = useState("");
  const [severity, setSeverity] = useState<AlertSeverity | "">("");
  const [tlp, setTlp] = useState<TLP>("TLP:AMBER");
  const [details, setDetails] = useState("");
  const [mitigation, setMitigation] = useState("");
  const [remediation, setRemediation] = useState("");
  const [platforms, setPlatforms] = useState("");
  const [cves, setCves] = useState("");
  const [types, setTypes] = useState<readonly OrgType[]>([]);
  const [codes, setCodes] = useState("");
  const [asking, setAsking] = useState(false);
  const [factor, setFactor] = useState(false);
  const [sent, setSent] = useState({ said: "", key: newKey() });
  const submit = useSubmit();
  const kept = useDraft(room ? `alert ${room.id}` : "alert", { title, severity: severity as string, tlp: tlp as string, details, mitigation, remediation, platforms, cves, types, codes }, (was) => {
    setTitle(was.title);
    setSeverity(alertSeverities.find((s) => s === was.severity) ?? "");
    setTlp(labels.find((l) => l === was.tlp) ?? "TLP:AMBER");
    setDetails(was.details);
    setMitigation(was.mitigation);
    setRemediation(was.remediation);
    setPlatforms(was.platforms);
    setCves(was.cves);
    setTypes(addressable.filter((t) => was.types.includes(t)));
    setCodes(was.codes);
  });
  const reach = useReach(alerts, types, codes);
  // A field of a list is named cves[0]; the form has one field for each list.
  const errorOf = (name: string) => submit.errorOf(name) ?? submit.problem?.errors.find((e) => e.name.startsWith(`${name}[`))?.message;
  const check = () => {
    const wrong = [
      title.trim() === "" ? { name: "title", message: "Say in one line what it is about." } : null,
      severity === "" ? { name: "severity", message: "Choose how grave it is." } : null,
      details.trim() === "" ? { name: "details", message: "Say what it is about." } : null,
      remediation.trim() === "" && mitigation.trim() === "" ? { name: "remediation", message: "Say what is to be done." } : null,
      reach.problem !== "" ? { name: reach.field, message: reach.problem } : reach.found === null ? { name: "types", message: "Choose whom it goes to." } : null,
    ].filter((x) => x !== null);
    if (wrong.length > 0) submit.refuse(wrong);
    else {
      submit.clear();
      setAsking(true);
    }
  };
  const issue = async () => {
    if (severity === "" || reach.found === null) return;
    const draft = {
      title: title.trim(), severity, tlp, details: details.trim(), mitigation: mitigation.trim(), remediation: remediation.trim(),
      cves: split(cves.toUpperCase(), /[\s,;]+/), platforms: split(platforms, /\n+/), types, codes: split(codes.toUpperCase(), /[\s,;]+/), reach: reach.found.organisations,
      ...(room ? { room: room.id } : {}),
    };
    // The same, sent again after a failure on the way, is the same alert.
    const said = JSON.stringify(draft);
    const key = said === sent.said ? sent.key : newKey();
    setSent({ said, key });
    let stepUp = false;
    let made = 0;
    const ok = await submit.run(async () => {
      try {
        made = (await alerts.issue(draft, key)).number;
      } catch (e) {
        stepUp = e instanceof ApiError && e.fault === "step_up";
        if (!stepUp) throw e;
      }
    });
    if (stepUp) setFactor(true);
    else if (ok) {
      kept.sent();
      onIssued(made);
    }
    else setAsking(false); // what is wrong stands at its field
  };
  return (
    <div className="page">
      {room ? (
        <a className="page__back" href={`/rooms/${room.id}`}>
          Back to {room.reference}
        </a>
      ) : (
        <a className="page__back" href="/alerts">
          All alerts
        </a>
      )}
      <h1>Issue an alert</h1>
      <p className="page__lede">It goes to every organisation you choose, with what to do about it. Each is asked to acknowledge it, to say whether it applies, and to put it right.</p>
      {room ? (
        <p className="nhsuk-inset-text">
          Out of room <strong>{room.reference}, {room.title}</strong>. The hosts there see that it belongs to the room and how far everybody has come. Whom it goes to are told nothing of the room.
        </p>
      ) : null}
      <div className="page__form">
        {submit.errorOf("room") ? <p className="nhsuk-error-message">{submit.errorOf("room")}</p> : null}
        <BroughtBack draft={kept} />
        <ErrorSummary problems={asking ? [] : submit.problems} />
        <TextField id="title" label="What it is about, in one line" prose maxLength={200} error={errorOf("title")} value={title} onChange={(e) => setTitle(e.target.value)} />
        <RadioGroup<AlertSeverity> id="severity" name="severity" legend="How grave" error={errorOf("severity")} value={severity} choices={alertSeverities.map((s) => ({ value: s, label: severityWord[s], hint: severityHint[s] }))} onChange={setSeverity} />
        <RadioGroup<TLP> id="tlp" name="tlp" small legend="How far it may be passed on" hint="What must be kept more closely than TLP:AMBER belongs in a room." error={errorOf("tlp")} value={tlp} choices={labels.map((l) => ({ value: l, label: l }))} onChange={setTlp} />
        <TextArea id="details" label="Details" hint="What is happening, and how somebody finds out whether they have it." rows={6} maxLength={8000} error={errorOf("details")} value={details} onChange={(e) => setDetails(e.target.value)} />
        <TextArea id="remediation" label="How to put it right" rows={4} maxLength={4000} error={errorOf("remediation")} value={remediation} onChange={(e) => setRemediation(e.target.value)} />
        <TextArea id="mitigation" label={<>What helps until then <span className="optional">(can be left empty)</span></>} rows={3} maxLength={4000} error={errorOf("mitigation")} value={mitigation} onChange={(e) => setMitigation(e.target.value)} />
        <TextArea id="platforms" label={<>Affected <span className="optional">(can be left empty)</span></>} hint="One product or platform a line." rows={2} error={errorOf("platforms")} value={platforms} onChange={(e) => setPlatforms(e.target.value)} />
        <TextField id="cves" label={<>CVEs <span className="optional">(can be left empty)</span></>} hint="For example CVE-2017-0144, with commas between." autoComplete="off" error={errorOf("cves")} value={cves} onChange={(e) => setCves(e.target.value)} />
        <fieldset className="nhsuk-fieldset nhsuk-form-group">
          <legend className="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Whom it goes to</legend>
          {errorOf("types") ? <span className="nhsuk-error-message">{errorOf("types")}</span> : null}
          <div className="nhsuk-checkboxes nhsuk-checkboxes--small alert-types">
            {addressable.map((t, i) => (
              <Checkbox key={t} {...(i === 0 ? { id: "types" } : {})} label={orgTypeName[t]} checked={types.includes(t)} onChange={(e) => setTypes(e.target.checked ? [...types, t] : types.filter((x) => x !== t))} />
            ))}
          </div>
        </fieldset>
        <TextArea id="codes" label={<>And these organisations <span className="optional">(can be left empty)</span></>} hint="Their codes, with spaces, commas or lines between." rows={2} error={errorOf("codes")} value={codes} onChange={(e) => setCodes(e.target.value)} />
        <Reach reach={reach} />
        <FormButtons busy={submit.busy} onDo={check} onCancel={onCancel}>
          Continue
        </FormButtons>
      </div>
      {asking && reach.found ? (
        <Dialog title={`Issue it to ${plural(reach.found.organisations, "organisation")}?`} onClose={() => setAsking(false)}>
          <p>{list(reach.found.types.map((t) => `${t.orgs} ${orgTypeName[t.type].toLowerCase()}${t.orgs === 1 ? "" : "s"}`))}. What was issued cannot be taken back; it can be closed.</p>
          {severity === "high" ? <p>Each is asked to acknowledge it within 48 hours.</p> : null}
          <div className="actions">
            <Button busy={submit.busy} onClick={() => void issue()}>
              Issue it
            </Button>
            <Button kind="secondary" onClick={() => setAsking(false)}>
              Back
            </Button>
          </div>
        </Dialog>
      ) : null}
      {factor ? <FactorTab why="Issuing an alert" press="Issue it" onClose={() => setFactor(false)} /> : null}
    </div>
  );
}

type Reached = { found: AlertReach | null; problem: string; field: string };
const nobody: Reached = { found: null, problem: "", field: "types" };

/** Whom the choice comes to, asked for when its writer pauses. */
function useReach(alerts: Props["alerts"], types: readonly OrgType[], codes: string): Reached {
  const [reached, setReached] = useState(nobody);
  useEffect(() => {
    const named = split(codes.toUpperCase(), /[\s,;]+/);
    setReached(nobody);
    if (types.length + named.length === 0) return;
    let live = true;
    const timer = setTimeout(() => {
      alerts.reach(types, named).then(
        (found) => live && setReached({ ...nobody, found }),
        (e: unknown) => {
          const p = shownProblem(e);
          const [first] = p.errors;
          if (live) setReached({ found: null, problem: first?.message ?? p.detail, field: first?.name.startsWith("codes") ? "codes" : "types" });
        },
      );
    }, 300);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [alerts, types, codes]);
  return reached;
}

function Reach({ reach }: { reach: Reached }) {
  return (
    <p className="alert-reach" role="status">
      {reach.problem !== "" ? reach.problem : reach.found ? <strong>Goes to {plural(reach.found.organisations, "organisation")}.</strong> : "Nobody is chosen yet."}
    </p>
  );
}
