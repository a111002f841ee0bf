import { cx } from "../../ui/cx";

/** A fingerprint to be read aloud: four lines of four groups, or a smaller one to be looked at. */
export function Fingerprint({ of, small = false }: { of: string; small?: boolean }) {
  const groups = of.split(" ");
  const across = small ? 8 : 4;
  const lines = Array.from({ length: Math.ceil(groups.length / across) }, (_, i) => groups.slice(i * across, (i + 1) * across).join(" "));
  return (
    <code className={cx("fingerprint", small && "fingerprint--small")}>
      {lines.map((line, i) => (
        <span key={i}>{line} </span> // by its place: two lines may read the same
      ))}
    </code>
  );
}
