import { useEffect, useRef } from "react";

export type FieldProblem = { id?: string | undefined; message: string; href?: string };

/** What has to be changed before a form can be sent: takes the focus and links to each field. */
export function ErrorSummary({ title = "There is a problem", problems }: { title?: string; problems: readonly FieldProblem[] }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problems.length > 0) box.current?.focus();
  }, [problems]);
  if (problems.length === 0) return null;
  return (
    <div className="nhsuk-error-summary" ref={box} tabIndex={-1} role="alert" aria-labelledby="error-summary-title">
      <h2 className="nhsuk-error-summary__title" id="error-summary-title">
        {title}
      </h2>
      <div className="nhsuk-error-summary__body">
        <ul className="nhsuk-list nhsuk-error-summary__list">
          {problems.map((p) => (
            <li key={`${p.id ?? ""}${p.message}`}>{p.href ? <a href={p.href}>{p.message}</a> : p.id ? <a href={`#${p.id}`} onClick={(e) => focusField(e, p.id)}>{p.message}</a> : p.message}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function focusField(e: React.MouseEvent, id: string | undefined) {
  const field = id ? document.getElementById(id) : null;
  if (!field) return;
  e.preventDefault();
  field.focus();
  field.scrollIntoView({ block: "center" });
}
