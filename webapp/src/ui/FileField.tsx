import { useRef, useState } from "react";
import { Button } from "./Button";
import { cx } from "./cx";
import type { FileOnItsWay, FilesActs } from "./files";
import { Icon } from "./Icon";
import { UploadRows } from "./UploadRows";
import { useFileDrop } from "./useFileDrop";

type Props = {
  /** The id error summaries link to. */
  id: string;
  /** What it is for, in a sentence. */
  hint: string;
  files: readonly FileOnItsWay[];
  uploads: FilesActs;
  /** Whether it takes what is dropped and pasted now, wherever on the page. */
  on: boolean;
  error: string | undefined;
};

/** Files that go with a form: picked, dropped or pasted. */
export function FileField({ id, hint, files, uploads, on, error }: Props) {
  const picker = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  const dragging = useFileDrop(on, (list) => setSaid(uploads.add(list)), true);
  const problem = error ?? said;
  return (
    <div className={cx("file-field", dragging && "file-field--drop")} id={id} tabIndex={-1} role="group" aria-label="Files">
      {problem === "" ? null : (
        <p className="nhsuk-error-message" role={error ? undefined : "alert"}>
          {problem}
        </p>
      )}
      <UploadRows files={files} uploads={uploads} onProblem={setSaid} />
      <p className="file-field__take">
        <Button small kind="secondary" onClick={() => picker.current?.click()}>
          <Icon name="attach" size={16} /> {files.length === 0 ? "Attach files" : "Attach more"}
        </Button>
        <span className="quiet">{dragging ? "Let go to attach them" : hint}</span>
      </p>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(e) => {
          setSaid(uploads.add([...(e.target.files ?? [])]));
          e.target.value = ""; // the same file may be picked again
        }}
      />
    </div>
  );
}
