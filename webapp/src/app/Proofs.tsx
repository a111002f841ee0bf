import { useCallback, useEffect, useState } from "react";
import { ForkWarning } from "../features/proof/ForkWarning";
import { KeysOfLog } from "../features/proof/KeysOfLog";
import { ProofDialog, type EntryShown } from "../features/proof/ProofDialog";
import { SealFact } from "../features/proof/SealFact";
import { evidenceText } from "../features/proof/words";
import type { Facts, Instant } from "../protocol/types";
import { entryAt, objectOf } from "../room/select";
import type { RoomStore, RoomView } from "../room/store";
import { useInside } from "./inside";

// What a room shows of its proof: joins the check of its log to its features.

const patience = 10_000; // milliseconds an entry may wait for its seal before that is said

/** Since when entries wait for their seal, once that is longer ago than is usual. */
export function useUnsealed(since: Instant | null, skew: number): Instant | null {
  const [shown, setShown] = useState<Instant | null>(null);
  useEffect(() => {
    if (since === null) {
      setShown(null);
      return;
    }
    const left = Date.parse(since) + patience - (Date.now() + skew);
    if (left <= 0) {
      setShown(since);
      return;
    }
    setShown(null);
    const timer = window.setTimeout(() => setShown(since), left);
    return () => window.clearTimeout(timer);
  }, [since, skew]);
  return shown;
}

export function RoomSeal({ view, unsealed, onKeys, onCheck }: { view: RoomView; unsealed: Instant | null; onKeys: () => void; onCheck: () => void }) {
  return <SealFact integrity={view.integrity} keys={view.keys} unsealed={unsealed} onKeys={onKeys} onCheck={onCheck} />;
}

/** The warning over a room whose log does not fit together. */
export function RoomAlarm({ store, view, duty }: { store: RoomStore; view: RoomView; duty: string }) {
  const { skew } = useInside();
  const { alarm } = view.integrity;
  if (!alarm) return null;
  const reference = view.facts?.room.reference ?? store.room;
  return (
    <ForkWarning
      alarm={alarm}
      reference={reference}
      duty={duty}
      evidence={() => evidenceText(alarm, { reference, origin: store.origin, size: view.integrity.size, root: view.integrity.root }, new Date(Date.now() + skew).toISOString())}
    />
  );
}

export function LogKeys({ store, view, onClose }: { store: RoomStore; view: RoomView; onClose: () => void }) {
  return <KeysOfLog view={view.keys} load={store.loadKeys} onAccept={store.acceptKeys} onClose={onClose} />;
}

type Proofs = { seq: number; store: RoomStore; view: RoomView; facts: Facts; onSeq: (seq: number) => void; onKeys: () => void; onClose: () => void };

export function EntryProofs({ seq, store, view, facts, onSeq, onKeys, onClose }: Proofs) {
  const load = useCallback((n: number) => store.proveEntry(n), [store]);
  const shown = (n: number): EntryShown => {
    const { state } = store.getView();
    const entry = entryAt(state, n);
    if (!entry) return { recorded: null, how: "unloaded" };
    if (entry.form === "stub") return { recorded: null, how: "stub" };
    return { recorded: entry.times.recorded, how: entry.form === "envelope" || objectOf(state, n)?.sealed ? "sealed" : "open" };
  };
  const { integrity, keys } = view;
  const covered = (keys.keys?.witness === null ? integrity.signed : integrity.cosigned)?.size ?? 0;
  return <ProofDialog seq={seq} head={view.seq} about={{ reference: facts.room.reference, origin: store.origin }} covered={covered} shown={shown} load={load} onSeq={onSeq} onKeys={onKeys} onClose={onClose} />;
}
