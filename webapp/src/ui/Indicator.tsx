import { useState } from "react";
import type { Indicator as Value } from "../protocol/intel";
import { Button } from "./Button";
import { cx } from "./cx";
import { defang, leadsSomewhere } from "./defang";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";
import { doNotBlock, forMachines, kindName } from "./intel";
import { plural } from "./words";

/** A defanged value that breaks, where it must, before a dot. */
export function Defanged({ indicator: i }: { indicator: Pick<Value, "kind" | "value"> }) {
  return (
    <code className="indicator__value">
      {defang(i.kind, i.value)
        .split(/(?=\[[.:@]\])/)
        .map((part, n) => (
          // The parts of one value stay in their order.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={n}>
            {n > 0 ? <wbr /> : null}
            {part}
          </span>
        ))}
    </code>
  );
}

type Copied = "idle" | "copied" | "failed";

async function put(text: string): Promise<Copied> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return "failed";
  }
}

/** Asks before an address is copied as it is: pasted in the wrong place it is followed. */
function CopyLive({ indicator, onClose }: { indicator: Value; onClose: () => void }) {
  const [state, setState] = useState<Copied>("idle");
  const copy = async () => {
    const done = await put(indicator.value);
    setState(done);
    if (done === "copied") onClose();
  };
  return (
    <Dialog title="Copy it live?" onClose={onClose}>
      <p>
        What you paste will be a working {kindName[indicator.kind].toLowerCase()}. A browser, a chat or a mail program may follow it by itself.
      </p>
      <p>
        <Defanged indicator={indicator} />
      </p>
      {indicator.doNotBlock ? <DoNotBlock /> : null}
      {state === "failed" ? <p role="alert">It could not be copied: this browser does not let the page do it.</p> : null}
      <div className="actions">
        <Button kind="warning" onClick={() => void copy()}>
          Copy live
        </Button>
        <Button kind="secondary" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Dialog>
  );
}

/** The flag that nobody may overlook. */
export function DoNotBlock() {
  return (
    <p className="do-not-block">
      <Icon name="warning" size={20} /> <strong>{doNotBlock}</strong>
    </p>
  );
}

/** An indicator: defanged wherever it stands, copied so too, and never a link. */
export function Indicator({ indicator: i, plain = false }: { indicator: Value; /** Without buttons. */ plain?: boolean }) {
  const [state, setState] = useState<Copied>("idle");
  const [live, setLive] = useState(false);
  const shown = defang(i.kind, i.value);
  const tags = (i.tags ?? []).filter((t) => !forMachines.tag(t) && !/^do[-_ ]?not[-_ ]?block$/i.test(t));
  const broken = leadsSomewhere(i.kind) || shown !== i.value;
  return (
    <div className={cx("indicator", i.doNotBlock && "indicator--keep")}>
      {i.doNotBlock ? <DoNotBlock /> : null}
      <p className="indicator__line">
        <span className="indicator__kind">{kindName[i.kind]}</span> <Defanged indicator={i} />
      </p>
      {i.note || i.cvss || tags.length > 0 ? (
        <p className="indicator__note">
          {[i.note, i.cvss ? `CVSS ${i.cvss}` : "", tags.join(", ")].filter(Boolean).join(" · ")}
        </p>
      ) : null}
      {plain ? null : (
        <p className="indicator__acts">
          <Button kind="plain" onClick={() => void put(shown).then(setState)}>
            <Icon name={state === "copied" ? "check" : "copy"} size={14} />
            <span aria-live="polite">{state === "copied" ? (broken ? "Copied, defanged" : "Copied") : state === "failed" ? "Could not copy: select it by hand" : "Copy"}</span>
            <span className="unseen"> {shown}</span>
          </Button>
          {broken ? (
            <Button kind="plain" onClick={() => setLive(true)}>
              Copy live<span className="unseen"> {shown}</span>…
            </Button>
          ) : null}
        </p>
      )}
      {live ? <CopyLive indicator={i} onClose={() => setLive(false)} /> : null}
    </div>
  );
}

/** Copies many at once, defanged, one a line. */
export function CopyAll({ indicators }: { indicators: readonly Value[] }) {
  const [state, setState] = useState<Copied>("idle");
  if (indicators.length < 2) return null;
  const keep = indicators.filter((i) => i.doNotBlock).length;
  const lines = indicators.map((i) => `${kindName[i.kind]}\t${defang(i.kind, i.value)}${i.doNotBlock ? `\t${doNotBlock}` : ""}`);
  return (
    <Button kind="secondary" small onClick={() => void put(lines.join("\n")).then(setState)}>
      <Icon name={state === "copied" ? "check" : "copy"} size={16} />{" "}
      <span aria-live="polite">
        {state === "copied" ? `Copied ${plural(indicators.length, "indicator")}, defanged${keep > 0 ? `; ${keep} marked do not block` : ""}` : state === "failed" ? "Could not copy" : `Copy all ${indicators.length}, defanged`}
      </span>
    </Button>
  );
}
