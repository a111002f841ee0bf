import { createContext, use, useEffect, useLayoutEffect, useRef, useState } from "react";

const hasFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") === true;

/** A sheet, or what stands on the page itself. */
export type Sheet = object;
export const SheetScope = createContext<Sheet | null>(null);

/** The sheets on this page; the last one to come lies over the others. */
const sheets: Sheet[] = [];
/** What takes files on this page; of one sheet the last one to come stands before the others. */
const takers: { readonly sheet: Sheet | null }[] = [];

const newest = () => sheets.at(-1) ?? null;
const taker = () => takers.findLast((t) => t.sheet === newest());

/**
 * A sheet over the page: files dropped while it is there are for what takes
 * them on it, and nobody's if nothing does. They never reach what it hides.
 */
export function useSheet(): Sheet {
  const [me] = useState<Sheet>(() => ({}));
  useLayoutEffect(() => {
    sheets.push(me);
    const refuse = (e: DragEvent) => {
      if (!hasFiles(e) || newest() !== me || taker()) return;
      e.preventDefault(); // else the browser would leave the page to show it
      if (e.type === "dragover" && e.dataTransfer) e.dataTransfer.dropEffect = "none";
    };
    window.addEventListener("dragover", refuse);
    window.addEventListener("drop", refuse);
    return () => {
      sheets.splice(sheets.indexOf(me), 1);
      window.removeEventListener("dragover", refuse);
      window.removeEventListener("drop", refuse);
    };
  }, [me]);
  return me;
}

/**
 * Files dropped anywhere on the page are attached: else the browser would leave
 * the page to show one. What stands on the newest sheet takes them, if there is
 * a sheet, and of several there the newest. paste: it takes those that are
 * pasted anywhere too. Returns whether some are held over it.
 */
export function useFileDrop(on: boolean, onFiles: (files: readonly File[]) => void, paste = false): boolean {
  const sheet = use(SheetScope);
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  const me = useRef<(typeof takers)[number]>({ sheet });
  useEffect(() => {
    const { current } = me;
    takers.push(current);
    return () => void takers.splice(takers.indexOf(current), 1);
  }, []);
  useEffect(() => {
    const mine = () => taker() === me.current;
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
