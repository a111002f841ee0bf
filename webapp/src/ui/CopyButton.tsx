import { useState } from "react";
import { Button } from "./Button";
import { Icon } from "./Icon";

/** Copies a text and says that it did, in the button and to screen readers. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed");
    }
  };
  return (
    <Button kind="secondary" small onClick={() => void copy()} className="copy-button">
      <Icon name={state === "copied" ? "check" : "copy"} size={16} />
      <span aria-live="polite">{state === "copied" ? "Copied" : state === "failed" ? "Could not copy: select it by hand" : label}</span>
    </Button>
  );
}
