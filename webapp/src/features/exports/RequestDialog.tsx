import { useState } from "react";
import type { ExportDraft, Named } from "../../protocol/exports";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextArea, TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { fromLondon } from "../../ui/time";
import { useSubmit } from "../../ui/useSubmit";

type Props = { head: number; bases: readonly Named[]; onAsk: (draft: ExportDraft) => Promise<unknown>; onClose: () => void };

/** Asks that a named person outside the room be given a part of its record. */
export function RequestDialog({ head, bases, onAsk, onClose }: Props) {
  const [f, setF] = useState({ name: "", role: "", organisation: "", address: "", basis: "", basisText: "", purpose: "", from: "1", to: String(head), until: "" });
  const submit = useSubmit();
  const set = (part: Partial<typeof f>) => setF({ ...f, ...part });
  const ask = async () => {
    const until = f.until === "" ? null : fromLondon(f.until, "23:59");
    const wrong = [
      f.name.trim() === "" ? { name: "recipient.name", message: "Name the person it is for." } : null,
      f.organisation.trim() === "" ? { name: "recipient.organisation", message: "Name the body they ask for." } : null,
      f.basis === "" ? { name: "basis", message: "Choose what entitles them to it." } : null,
      f.purpose.trim() === "" ? { name: "purpose", message: "Say what it is for." } : null,
      /^[1-9]\d*$/.test(f.from.trim()) ? null : { name: "from", message: "Give the number of the first entry." },
      /^[1-9]\d*$/.test(f.to.trim()) ? null : { name: "to", message: "Give the number of the last entry." },
      until === null ? { name: "until", message: "Say until which day it may be taken." } : null,
    ].filter((e) => e !== null);
    if (wrong.length > 0 || until === null) {
      submit.refuse(wrong);
      return;
    }
    const recipient = { name: f.name.trim(), organisation: f.organisation.trim(), ...(f.role.trim() === "" ? {} : { role: f.role.trim() }), ...(f.address.trim() === "" ? {} : { address: f.address.trim() }) };
    const draft: ExportDraft = { basis: f.basis, ...(f.basisText.trim() === "" ? {} : { basisText: f.basisText.trim() }), from: Number(f.from), to: Number(f.to), purpose: f.purpose.trim(), recipient, until };
    if (await submit.run(() => onAsk(draft))) onClose();
  };
  return (
    <Dialog title="Request an export for an inquiry" wide onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p className="quiet">Both hosts must agree, what is restricted is asked of whom it came from, and a second person approves. Only then can it be taken.</p>
      <h3 className="form-heading">Who it is for</h3>
      <div className="pair">
        <TextField id="recipient.name" label="Name" maxLength={120} error={submit.errorOf("recipient.name")} value={f.name} onChange={(e) => set({ name: e.target.value })} />
        <TextField id="recipient.role" label={<>Role <span className="optional">(optional)</span></>} maxLength={120} error={submit.errorOf("recipient.role")} value={f.role} onChange={(e) => set({ role: e.target.value })} />
      </div>
      <TextField id="recipient.organisation" label="Organisation" hint="For example the inquiry or the court." maxLength={200} error={submit.errorOf("recipient.organisation")} value={f.organisation} onChange={(e) => set({ organisation: e.target.value })} />
      <TextField id="recipient.address" label={<>Where it is sent <span className="optional">(optional)</span></>} maxLength={300} error={submit.errorOf("recipient.address")} value={f.address} onChange={(e) => set({ address: e.target.value })} />
      <h3 className="form-heading">Why they may have it</h3>
      <SelectField id="basis" label="Legal basis" error={submit.errorOf("basis")} value={f.basis} onChange={(e) => set({ basis: e.target.value })}>
        <option value="">Choose</option>
        {bases.map((b) => (
          <option key={b.code} value={b.code}>
            {b.words}
          </option>
        ))}
      </SelectField>
      <TextField
        id="basisText"
        label={f.basis === "statutory" || f.basis === "other" ? "What it is" : <>Its reference <span className="optional">(optional)</span></>}
        maxLength={300}
        error={submit.errorOf("basisText")}
        value={f.basisText}
        onChange={(e) => set({ basisText: e.target.value })}
      />
      <TextArea id="purpose" label="What it is for" maxLength={1000} rows={2} error={submit.errorOf("purpose")} value={f.purpose} onChange={(e) => set({ purpose: e.target.value })} />
      <h3 className="form-heading">What they get</h3>
      <div className="pair">
        <TextField id="from" label="From entry" inputMode="numeric" className="nhsuk-input--width-5 tabular" error={submit.errorOf("from")} value={f.from} onChange={(e) => set({ from: e.target.value })} />
        <TextField id="to" label="To entry" inputMode="numeric" className="nhsuk-input--width-5 tabular" error={submit.errorOf("to")} value={f.to} onChange={(e) => set({ to: e.target.value })} />
        <TextField id="until" type="date" label="May be taken until the end of" error={submit.errorOf("until")} value={f.until} onChange={(e) => set({ until: e.target.value })} />
      </div>
      <FormButtons busy={submit.busy} onDo={() => void ask()} onCancel={onClose} stuck>
        Request it
      </FormButtons>
    </Dialog>
  );
}
