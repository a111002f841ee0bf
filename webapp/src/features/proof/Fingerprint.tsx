/** A fingerprint to be read aloud: four lines of four groups. */
export function Fingerprint({ of }: { of: string }) {
  const groups = of.split(" ");
  const lines = Array.from({ length: Math.ceil(groups.length / 4) }, (_, i) => groups.slice(i * 4, i * 4 + 4).join(" "));
  return (
    <code className="fingerprint">
      {lines.map((line) => (
        <span key={line}>{line} </span>
      ))}
    </code>
  );
}
