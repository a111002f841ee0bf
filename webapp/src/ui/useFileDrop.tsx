import { useEffect, useRef, useState } from "react";

const hasFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") === true;

/** What takes files on this page; the last one to come stands before the others. */
const takers: object[] = [];

/**
 * Files dropped anywhere on the page are attached: else the browser would leave
 * the page to show one. Of several that would take them the newest does: a
 * sheet, before what lies under it. paste: it takes those that are pasted
 * anywhere too. Returns whether some are held over it.
 */
export function useFileDrop(on: boolean, onFiles: (files: readonly File[]) => void, paste = false): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  const me = useRef<object>({});
  useEffect(() => {
    const { current } = me;
    takers.push(current);
    return () => void takers.splice(takers.indexOf(current), 1);
  }, []);
  useEffect(() => {
    const mine = () => takers.at(-1) === me.current;
    let depth = 0; // enter and leave come for every element on the way
    const enter = (e: DragEvent) => {
      if (!hasFiles(e) || !mine()) return;
      depth++;
      setOver(on);
    };
    const leave = (e: DragEvent) => {
      if (!hasFiles(e) || !mine()) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (e: DragEvent) => {
      if (!hasFiles(e) || !mine()) return;
      e.preventDefault();
      if (e.dataTransfer) e.dataTransfer.dropEffect = on ? "copy" : "none";
    };
    const drop = (e: DragEvent) => {
      if (!hasFiles(e) || !mine()) return;
      e.preventDefault();
      depth = 0;
      setOver(false);
      if (on) latest.current([...(e.dataTransfer?.files ?? [])]);
    };
    const pasted = (e: ClipboardEvent) => {
      const files = [...(e.clipboardData?.files ?? [])];
      if (!paste || !on || !mine() || files.length === 0) return;
      e.preventDefault();
      latest.current(files);
    };
    window.addEventListener("paste", pasted);
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", hover);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("paste", pasted);
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", hover);
      window.removeEventListener("drop", drop);
    };
  }, [on, paste]);
  return over;
}
