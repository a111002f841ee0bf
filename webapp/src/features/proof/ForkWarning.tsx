import { useLayoutEffect, useRef, useState } from "react";
import { grouped } from "../../proof/note";
import type { Alarm } from "../../proof/prover";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { DutyNumber } from "../../ui/DutyNumber";
import { Icon } from "../../ui/Icon";
import { Fingerprint } from "./Fingerprint";
import { alarmMeaning } from "./words";

type Props = { alarm: Alarm; reference: string; duty: string; evidence: () => string };

/**
 * The log does not fit together. It covers the room at once; the room can be
 * had back behind a strip that stays. Nothing takes it away but loading the
 * page anew, which also loses the evidence.
 */
export function ForkWarning(props: Props) {
  const [aside, setAside] = useState(false);
  return (
    <>
      <section className="alarm-strip" aria-label="Warning about this log">
        <Icon name="warning" size={20} />
        <p>
          <strong>Do not rely on this screen.</strong> This log does not fit together. <DutyNumber duty={props.duty} capital />.
        </p>
        <button type="button" onClick={() => setAside(false)}>
          What to do now
        </button>
      </section>
      {aside ? null : <Over {...props} onAside={() => setAside(true)} />}
    </>
  );
}

function Over({ alarm, reference, duty, evidence, onAside }: Props & { onAside: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [text] = useState(evidence); // as it was found
  useLayoutEffect(() => {
    const d = ref.current;
    if (d && !d.open) {
      if (typeof d.showModal === "function") d.showModal();
      else d.setAttribute("open", "");
      title.current?.focus(); // not the telephone number: somebody may be in the middle of typing
    }
    return () => d?.close?.();
  }, []);
  return (
    <dialog
      ref={ref}
      className="alarm-screen"
      aria-labelledby="alarm-title"
      onCancel={(e) => {
        e.preventDefault();
        onAside();
      }}
    >
      <div className="alarm-screen__head" role="alert">
        <p className="alarm-screen__kicker">
          <Icon name="warning" size={24} />
          <span>Warning about the log of {reference}</span>
        </p>
        <h2 id="alarm-title" ref={title} tabIndex={-1}>
          Do not rely on this screen
        </h2>
      </div>
      <div className="alarm-screen__body">
        <p className="alarm-screen__meaning">{alarmMeaning[alarm.kind]}</p>
        <p>This browser checks the log by itself, and found this: {alarm.why}.</p>
        <h3>What to do now</h3>
        <ol>
          <li>Do not act on what this room shows until somebody has looked into it.</li>
          <li>
            <DutyNumber duty={duty} capital />. Say: “Wardroom says that the log of {reference} does not fit together.”
          </li>
          <li>Keep this tab open and do not load it again. What this browser knows is evidence, and it is lost with the page.</li>
          <li>Copy the evidence and send it to the duty officer by another way than this room. It holds nothing of what was said here.</li>
        </ol>
        <p>A fault can cause this as well as an attack. That is for the duty officer to find out, not for you.</p>
        <div className="actions">
          <CopyButton text={text} label="Copy evidence" />
          <Button kind="secondary" small onClick={onAside}>
            Show the room behind this warning
          </Button>
        </div>
        <details>
          <summary>What was compared</summary>
          <dl className="hashes">
            <div>
              <dt>Both are about the log</dt>
              <dd>{alarm.size === 0 ? "As a whole" : `Up to entry ${alarm.size - 1}`}</dd>
            </div>
            <div>
              <dt>Computed by this browser</dt>
              <dd>{alarm.here === "" ? "Nothing at that size" : <Fingerprint small of={grouped(alarm.here)} />}</dd>
            </div>
            <div>
              <dt>Claimed by the server</dt>
              <dd>{alarm.there === "" ? "Nothing" : <Fingerprint small of={grouped(alarm.there)} />}</dd>
            </div>
          </dl>
        </details>
      </div>
    </dialog>
  );
}
