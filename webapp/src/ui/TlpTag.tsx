import { cx } from "./cx";
import { labelTone, type Label } from "./label";

/** A label on its black bar. With `onPress` it is a button that explains itself. */
export function TlpTag({ label, onPress, expanded, controls }: { label: Label; onPress?: (() => void) | undefined; expanded?: boolean; controls?: string | undefined }) {
  const look = cx("tlp", `tlp--${labelTone(label)}`);
  if (!onPress) return <span className={look}>{label}</span>;
  return (
    <button type="button" className={look} onClick={onPress} aria-expanded={expanded} aria-controls={expanded ? controls : undefined} title="What may I do with this?">
      {label}
    </button>
  );
}
