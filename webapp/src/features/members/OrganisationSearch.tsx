import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Organisation } from "../../protocol/rest";
import { cx } from "../../ui/cx";
import { orgTypeName } from "../../ui/names";

type Props = { value: Organisation | null; onChange: (o: Organisation | null) => void; find: (q: string) => Promise<readonly Organisation[]>; error?: string | undefined };

/** Finds an organisation by its name or ODS code. */
export function OrganisationSearch({ value, onChange, find, error }: Props) {
  const [text, setText] = useState(value?.name ?? "");
  const [hits, setHits] = useState<readonly Organisation[] | null>(null);
  const [active, setActive] = useState(0);
  const [failed, setFailed] = useState(false);
  const asked = useRef(0);
  const id = useId();

  useEffect(() => {
    const q = text.trim();
    if (value || q.length < 2) {
      setHits(null);
      return;
    }
    const mine = ++asked.current;
    const timer = window.setTimeout(() => {
      find(q).then(
        (found) => {
          if (mine !== asked.current) return;
          setHits(found.filter((o) => !o.closed).slice(0, 8));
          setActive(0);
          setFailed(false);
        },
        () => mine === asked.current && setFailed(true),
      );
    }, 200);
    return () => window.clearTimeout(timer);
  }, [text, value, find]);

  const pick = (o: Organisation) => {
    setText(o.name);
    setHits(null);
    onChange(o);
  };
  const onKey = (e: KeyboardEvent) => {
    if (!hits || hits.length === 0) return;
    if (e.key === "ArrowDown") setActive((active + 1) % hits.length);
    else if (e.key === "ArrowUp") setActive((active - 1 + hits.length) % hits.length);
    else if (e.key === "Enter") {
      const o = hits[active];
      if (o) pick(o);
    } else if (e.key === "Escape") {
      e.stopPropagation();
      setHits(null);
    } else return;
    e.preventDefault();
  };

  return (
    <div className={cx("nhsuk-form-group", error && "nhsuk-form-group--error")}>
      <label className="nhsuk-label nhsuk-label--s" htmlFor="org">
        Organisation
      </label>
      <div className="nhsuk-hint" id={`${id}-hint`}>
        Its name or ODS code, for example R1H.
      </div>
      {error ? <span className="nhsuk-error-message">{error}</span> : null}
      <div className="org-search">
        <input
          id="org"
          type="text"
          className="nhsuk-input"
          role="combobox"
          autoComplete="off"
          aria-autocomplete="list"
          aria-expanded={hits !== null && hits.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={hits && hits.length > 0 ? `${id}-${active}` : undefined}
          aria-describedby={`${id}-hint`}
          value={text}
          onChange={(e) => {
            setText(e.target.value);
            if (value) onChange(null);
          }}
          onKeyDown={onKey}
        />
        <ul id={`${id}-list`} role="listbox" aria-label="Organisations" className="mention-list org-search__list" hidden={!hits || hits.length === 0}>
          {hits?.map((o, i) => (
            <li
              key={o.code}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === active}
              className={cx("mention-list__item", i === active && "mention-list__item--active")}
              onPointerDown={(e) => {
                e.preventDefault();
                pick(o);
              }}
            >
              <strong>{o.name}</strong>{" "}
              <span>
                {o.ods || o.code} · {orgTypeName[o.type]}
                {o.host ? " · host" : ""}
              </span>
            </li>
          ))}
        </ul>
        <p className="org-search__state" role="status">
          {failed ? "The list of organisations cannot be reached just now." : hits && hits.length === 0 ? "No organisation by that name or code. An administrator can add it." : value ? `${orgTypeName[value.type]}, ${value.ods || value.code}${value.host ? ", host" : ""}` : ""}
        </p>
      </div>
    </div>
  );
}
