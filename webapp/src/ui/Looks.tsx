import { useMemo, useState } from "react";
import { ApiError } from "../protocol/problem";
import type { PreflightAsk } from "../protocol/rest";
import type { Seq } from "../protocol/types";
import { PreflightPanel } from "./PreflightPanel";
import { type AskReceivers, usePreflight } from "./usePreflight";

/** A part of what is about to be sent: what it is called, and with what it goes. */
export type Look = { readonly what: string; readonly ask: PreflightAsk };

type Props = {
  /** What goes with one press; each is looked at, in this order. */
  looks: readonly Look[];
  me: number;
  /** What the last button says. */
  action: string;
  onAsk: AskReceivers;
  /** Sends it all, with what was shown of each. */
  onSend: (shown: readonly Seq[]) => Promise<unknown>;
  onSent: () => void;
  /** It was refused for something that is not about who receives it. */
  onRefused?: (e: ApiError) => void;
  onBack: () => void;
};

type OneProps = Pick<Props, "me" | "action" | "onAsk" | "onBack"> & {
  ask: PreflightAsk;
  /** Sends it, or goes on to the next. */
  onGo: (shown: Seq) => Promise<unknown>;
  onGone: () => void;
};

function One({ ask, me, action, onAsk, onGo, onGone, onBack }: OneProps) {
  const preflight = usePreflight(onAsk, ask);
  return <PreflightPanel preflight={preflight} me={me} action={action} onBack={onBack} onSend={() => void preflight.send(onGo).then((gone) => gone && onGone())} />;
}

/**
 * Who receives each part of what is about to be sent, one after the other; the
 * last press sends all of it. If somebody came in meanwhile nothing is sent,
 * and they are shown.
 */
export function Looks({ looks, me, action, onAsk, onSend, onSent, onRefused, onBack }: Props) {
  const [heads, setHeads] = useState<readonly Seq[]>([]);
  const [refused, setRefused] = useState<readonly Seq[] | null>(null); // what an attempt had been shown when somebody had come in since
  const at = heads.length;
  const look = looks[at];
  const next = looks[at + 1];
  const since = refused?.[at];
  const ask = useMemo(() => (look ? { ...look.ask, ...(since === undefined ? {} : { shown: since }) } : null), [look, since]);
  if (!look || !ask) return null;

  const send = async (shown: Seq) => {
    const all = [...heads, shown];
    try {
      await onSend(all);
    } catch (e) {
      if (e instanceof ApiError && e.code === "gained") {
        if (looks.length > 1) {
          setRefused(all);
          setHeads([]);
        }
      } else if (e instanceof ApiError && !e.passing) onRefused?.(e);
      throw e;
    }
  };
  return (
    <>
      {refused && looks.length > 1 ? <p className="notice notice--bad">Nothing was sent: somebody came in since you looked.</p> : null}
      {looks.length > 1 ? (
        <p>
          <strong>{look.what}</strong> <span className="quiet">({at + 1} of {looks.length})</span>
        </p>
      ) : null}
      <One
        key={`${at} ${refused?.join() ?? ""}`}
        ask={ask}
        me={me}
        action={next ? "Go on" : action}
        onAsk={onAsk}
        onGo={next ? async (shown) => setHeads([...heads, shown]) : send}
        onGone={next ? () => undefined : onSent}
        onBack={at === 0 ? onBack : () => setHeads(heads.slice(0, -1))}
      />
    </>
  );
}
