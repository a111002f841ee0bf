// Sends a file whole and tells how far it has come: what fetch cannot say of
// what it sends.

export interface SentFile {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}
export type SendFile = (path: string, file: Blob, headers: Readonly<Record<string, string>>, onProgress: (part: number) => void) => Promise<SentFile>;

/** Rejects when nothing answered. onProgress: 0 to 1, of what was sent. */
export const sendFile: SendFile = (path, file, headers, onProgress) =>
  new Promise((answered, failed) => {
    const x = new XMLHttpRequest();
    x.open("POST", path);
    for (const [name, value] of Object.entries(headers)) x.setRequestHeader(name, value);
    x.upload.addEventListener("progress", (e) => e.lengthComputable && onProgress(e.total === 0 ? 1 : e.loaded / e.total));
    x.addEventListener("load", () => answered({ status: x.status, text: x.responseText, retryAfter: x.getResponseHeader("Retry-After") }));
    for (const end of ["error", "abort", "timeout"]) x.addEventListener(end, () => failed(new Error("nothing answered")));
    x.send(file);
  });
