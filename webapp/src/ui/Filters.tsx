/** One of several ways of looking at a board: a row of buttons, one of them pressed; on paper which one it was. */
export function Filters<V extends string>({ label, value, choices, onChange }: { label: string; value: V; choices: readonly { value: V; label: string }[]; onChange: (next: V) => void }) {
  return (
    <>
      <div className="filters" role="group" aria-label={label}>
        {choices.map((c) => (
          <button key={c.value} type="button" className="filters__one" aria-pressed={c.value === value} onClick={() => onChange(c.value)}>
            {c.label}
          </button>
        ))}
      </div>
      <p className="only-paper">
        {label}: {choices.find((c) => c.value === value)?.label}
      </p>
    </>
  );
}
