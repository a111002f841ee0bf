import type { MouseEvent } from "react";
import type { Scan } from "../protocol/rest";
import type { AttachedFile } from "../protocol/types";
import { cx } from "./cx";
import { fileSize, scanWords } from "./files";
import { Icon } from "./Icon";

type Props = {
  files: readonly AttachedFile[];
  /** What the scanner says, in the files' order; null until it is known. */
  scans: readonly Scan[] | null;
  /** Where one is taken from; n is 1 for the first. */
  href: (n: number) => string;
  onTake: (n: number, e: MouseEvent) => void;
  /** Why the last one could not be taken. */
  problem: string;
};

/** An entry's attachments: what they are called, how long they are, what they look like. Nothing of them is shown. */
export function FileRows({ files, scans, href, onTake, problem }: Props) {
  return (
    <>
      <ul className="files" aria-label="Attached files">
        {files.map((f, i) => {
          const scan = scans?.[i] ?? null;
          return (
            <li key={f.id} className={cx("files__file", scan === "found" && "files__file--found")}>
              <Icon name="file" size={18} />
              <span className="files__what">
                <span className="files__name">{f.name}</span>{" "}
                <span className="files__more">
                  {fileSize(f.size)} · {f.type} · {scan === null ? "…" : scanWords[scan]}
                </span>
                <details className="files__hash">
                  <summary>SHA-256</summary>
                  <code>{f.sha256}</code>
                </details>
              </span>
              {scan === "found" ? (
                <span className="files__kept">Kept as evidence; nobody can download it.</span>
              ) : (
                <a className="files__take" href={href(i + 1)} download={f.name} onClick={(e) => onTake(i + 1, e)} aria-label={`Download ${f.name}, ${fileSize(f.size)}`}>
                  Download
                </a>
              )}
            </li>
          );
        })}
      </ul>
      {problem === "" ? null : (
        <p className="files__problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
