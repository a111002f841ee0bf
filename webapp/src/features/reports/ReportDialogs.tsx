import { useEffect, useRef, useState } from "react";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SelectField, TextArea } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";

export type RoomChoice = { readonly id: string; readonly reference: string; readonly title: string };

/** A sentence to whoever filed it. */
export function AnswerDialog({ org, onSend, onClose }: { org: string; onSend: (text: string) => Promise<unknown>; onClose: () => void }) {
  const [text, setText] = useState("");
  const submit = useSubmit();
  const send = async () => {
    if (text.trim() === "") submit.refuse([{ name: "text", message: "Write what they should know." }]);
    else if (await submit.run(() => onSend(text.trim()))) onClose();
  };
  return (
    <Dialog title={`Answer ${org}`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <TextArea id="text" label="What should they know or do?" hint="Whoever filed it reads this. Name no other organisation and no room." rows={4} maxLength={1000} error={submit.errorOf("text")} value={text} onChange={(e) => setText(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void send()} onCancel={onClose}>
        Send the answer
      </FormButtons>
    </Dialog>
  );
}

/** Ends a report. */
export function CloseDialog({ answered, onSend, onClose }: { answered: boolean; onSend: (reason: string) => Promise<unknown>; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const submit = useSubmit();
  const send = async () => {
    if (reason.trim() === "") submit.refuse([{ name: "reason", message: "Say why it is closed." }]);
    else if (await submit.run(() => onSend(reason.trim()))) onClose();
  };
  return (
    <Dialog title="Close this report?" onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>It cannot be opened again. Whoever filed it sees that it was closed{answered ? "" : ", and has not been answered"}.</p>
      <TextArea id="reason" label="Why?" hint="Only the hosts read this." rows={3} maxLength={1000} error={submit.errorOf("reason")} value={reason} onChange={(e) => setReason(e.target.value)} />
      <FormButtons kind="warning" busy={submit.busy} onDo={() => void send()} onCancel={onClose}>
        Close the report
      </FormButtons>
    </Dialog>
  );
}

/** The number in full. Asked for once when it opens, since each asking is recorded. */
export function CallDialog({ org, mail, load, onClose }: { org: string; mail: string; load: () => Promise<{ name: string; phone: string }>; onClose: () => void }) {
  const [called, setCalled] = useState<{ name: string; phone: string } | null>(null);
  const [problem, setProblem] = useState("");
  const asked = useRef(load);
  useEffect(() => {
    let live = true;
    asked.current().then((c) => live && setCalled(c), (e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, []);
  return (
    <Dialog title={`Call ${org}`} onClose={onClose}>
      {problem !== "" ? <Failed title="The number could not be shown" detail={problem} /> : null}
      {called === null && problem === "" ? <Loading what="the number" /> : null}
      {called ? (
        <>
          {called.name === "" ? null : <p>{called.name}</p>}
          <p className="phone">
            <a href={`tel:${called.phone.replace(/[^+\d]/g, "")}`} className="tabular">
              {called.phone}
            </a>
          </p>
          <CopyButton text={called.phone} label="Copy number" />
          <p>{mail}.</p>
          <p className="field-note">It is recorded that you were shown this.</p>
        </>
      ) : null}
    </Dialog>
  );
}

/** Brings it into a room that I lead in. */
export function AddDialog({ rooms, onAdd, onClose }: { rooms: readonly RoomChoice[]; onAdd: (room: string) => Promise<unknown>; onClose: () => void }) {
  const [room, setRoom] = useState("");
  const submit = useSubmit();
  const add = async () => {
    if (room === "") submit.refuse([{ name: "room", message: "Choose a room." }]);
    else if (await submit.run(() => onAdd(room))) onClose();
  };
  return (
    <Dialog title="Add to a room" onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      {rooms.length === 0 ? (
        <p>You lead in no open incident room that it is not in already. Ask a lead of the room, or open one.</p>
      ) : (
        <>
          <SelectField id="room" label="Room" hint="The hosts in it read the report; guests are not told of it. It stays in the record." error={submit.errorOf("room")} value={room} onChange={(e) => setRoom(e.target.value)}>
            <option value="">Choose</option>
            {rooms.map((r) => (
              <option key={r.id} value={r.id}>
                {r.reference}, {r.title}
              </option>
            ))}
          </SelectField>
          <FormButtons busy={submit.busy} onDo={() => void add()} onCancel={onClose}>
            Add the report
          </FormButtons>
        </>
      )}
    </Dialog>
  );
}
