import { useRef } from "react";
import { cx } from "./cx";
import { fileSize, scanWords, type FileOnItsWay, type FilesActs } from "./files";
import { Icon } from "./Icon";

type Props = { files: readonly FileOnItsWay[]; uploads: Pick<FilesActs, "pick" | "remove">; onProblem: (sentence: string) => void };

const percent = (f: FileOnItsWay) => Math.floor((100 * f.sent) / f.size);

/** What has become of a file, in words. */
function words(f: FileOnItsWay): string {
  switch (f.state) {
    case "waiting":
      return "Waits its turn";
    case "sending":
      return `Sending, ${percent(f)}%`;
    case "stalled":
      return `Waiting for the connection, ${percent(f)}% is there`;
    case "lost":
      return `${percent(f)}% is there. Choose the same file again to go on.`;
    case "whole":
      return f.scan === "none" ? "Attached" : `Attached. ${scanWords[f.scan]}`;
    case "failed":
      return f.problem;
  }
}

/** The files that go with what is being written, and how far each has come. */
export function UploadRows({ files, uploads, onProblem }: Props) {
  const again = useRef<HTMLInputElement>(null);
  const of = useRef(0);
  if (files.length === 0) return null;
  return (
    <ul className="uploads" aria-label="Files to send">
      {files.map((f) => (
        <li key={f.local} className={cx("uploads__file", `uploads__file--${f.state}`, f.scan === "found" && "uploads__file--failed")}>
          <Icon name="file" size={16} />
          <span className="uploads__name">{f.name}</span>
          <span className="uploads__size tabular">{fileSize(f.size)}</span>
          {f.state === "sending" || f.state === "stalled" || f.state === "waiting" ? <progress className="uploads__bar" value={f.sent} max={f.size} aria-label={`${f.name}, sent`} /> : null}
          <span className="uploads__state" role={f.state === "failed" ? "alert" : "status"}>
            {words(f)}
          </span>
          {f.state === "lost" ? (
            <button
              type="button"
              className="uploads__again"
              onClick={() => {
                of.current = f.local;
                again.current?.click();
              }}
            >
              Choose it again
            </button>
          ) : null}
          <button type="button" className="icon-button" onClick={() => uploads.remove(f.local)} aria-label={f.state === "whole" || f.state === "failed" ? `Remove ${f.name}` : `Cancel ${f.name}`}>
            <Icon name="close" size={16} />
          </button>
        </li>
      ))}
      <input
        ref={again}
        type="file"
        hidden
        aria-label="The same file again"
        onChange={(e) => {
          const file = e.target.files?.[0];
          if (file) onProblem(uploads.pick(of.current, file));
          e.target.value = "";
        }}
      />
    </ul>
  );
}
