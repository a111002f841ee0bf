import { useState } from "react";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { TextField } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { useSubmit } from "../../ui/useSubmit";

/** Gives the room another plain title; the old one stays in the log. */
export function TitleDialog({ title, onSave, onClose }: { title: string; onSave: (title: string) => Promise<unknown>; onClose: () => void }) {
  const [text, setText] = useState(title);
  const submit = useSubmit();
  const save = async () => {
    if (text.trim() === "") submit.refuse([{ name: "title", message: "Give the room a plain title." }]);
    else if (await submit.run(() => onSave(text.trim()))) onClose();
  };
  return (
    <Dialog title="Change the title" onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <TextField id="title" prose label="Title" hint="A plain one that gives nothing away. Everyone in the room sees it." maxLength={120} error={submit.errorOf("title")} value={text} onChange={(e) => setText(e.target.value)} />
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Change it
      </FormButtons>
    </Dialog>
  );
}
