import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Indicator, ItemBody, ItemDraft } from "../../protocol/intel";
import type { Overriding } from "../../protocol/rest";
import type { Facts, Key, Seq } from "../../protocol/types";
import { newKey } from "../../protocol/ulid";
import { audienceTells } from "../../room/roster";
import { isHost } from "../../room/select";
import type { Uploads } from "../../stream/uploads";
import { AudiencePicker } from "../../ui/AudiencePicker";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { SelectField, TextArea, TextField } from "../../ui/Field";
import { FileField } from "../../ui/FileField";
import { filesTell } from "../../ui/files";
import { FormButtons } from "../../ui/FormButtons";
import { FormProblems } from "../../ui/FormProblems";
import { Icon } from "../../ui/Icon";
import { forMachines } from "../../ui/intel";
import { labelHint, labels } from "../../ui/label";
import { MomentField } from "../../ui/MomentField";
import { TlpTag } from "../../ui/TlpTag";
import type { AskReceivers } from "../../ui/usePreflight";
import { useSubmit } from "../../ui/useSubmit";
import { plural } from "../../ui/words";
import { blankItem, bodySent, everyone, itemSent, newOf, toWhom, withMore, wrongWith, type ItemWriting } from "./draft";
import { IndicatorFields } from "./IndicatorFields";
import { LimitFields } from "./LimitFields";
import { Looks } from "../../ui/Looks";
import { SourceFields } from "./SourceFields";

/** What the sheet is for. */
export type Sharing =
  | { how: "share"; from: ItemWriting | null }
  /** Says the whole item anew; label and readers stay. */
  | { how: "correct"; seq: Seq; from: ItemWriting };

export type ItemFormActs = {
  extract: (text: string) => Promise<readonly Indicator[]>;
  /** Who would receive it. */
  receivers: AskReceivers;
  publish: (draft: ItemDraft, key: Key) => Promise<{ readonly seq: Seq }>;
  correct: (seq: Seq, body: ItemBody & Overriding, key: Key) => Promise<unknown>;
};

type Props = {
  sharing: Sharing;
  facts: Facts;
  now: number;
  acts: ItemFormActs;
  /** The files that the next item is to have. */
  uploads: Uploads;
  onDone: (seq: Seq) => void;
  onClose: () => void;
};

/** One key for one body: pressed again after the network failed, it is shared once. */
function useKeyOf(): (body: unknown) => Key {
  const last = useRef<{ body: string; key: Key } | null>(null);
  return (body) => {
    const text = JSON.stringify(body);
    if (last.current?.body !== text) last.current = { body: text, key: newKey() };
    return last.current.key;
  };
}

/** What of an item goes out, each to its own readers: the item, and its tear-line. */
const looksOf = (d: ItemDraft) => [
  { what: "The item", ask: { item: true, ...(d.recorded ? { recorded: true } : {}), ...(d.tlp ? { tlp: d.tlp } : {}), ...(d.audience ? { audience: d.audience } : {}) } },
  ...(d.tear ? [{ what: "Its tear-line", ask: { item: true, ...(d.tear.tlp ? { tlp: d.tear.tlp } : {}), ...(d.tear.audience ? { audience: d.tear.audience } : {}) } }] : []),
];

/** The sheet in which intelligence is written, with where it comes from and how far it may go. */
export function ItemForm({ sharing, facts, now, acts, uploads, onDone, onClose }: Props) {
  const [w, setW] = useState<ItemWriting>(() => sharing.from ?? blankItem(facts));
  const [found, setFound] = useState<readonly Indicator[]>([]);
  const looked = useRef("");
  const submit = useSubmit();
  const keyOf = useKeyOf();
  const correcting = sharing.how === "correct";
  const [checking, setChecking] = useState<ItemDraft | null>(null); // waits for a look at who receives it
  const looks = useMemo(() => (checking ? looksOf(checking) : []), [checking]);
  const files = useSyncExternalStore(uploads.subscribe, () => uploads.items);
  useEffect(() => uploads.removeAll(), [uploads]); // of a sheet that was left: they were meant for other readers
  // What was said of the files is not so any more once one of them has come, or gone.
  const come = files.map((f) => `${f.local} ${f.state === "whole"}`).join();
  const said = submit.errorOf("attachments") !== undefined;
  const { clear } = submit;
  useEffect(() => {
    if (said) clear();
    // oxlint-disable-next-line react/exhaustive-deps
  }, [come]);
  const close = () => {
    uploads.removeAll();
    onClose();
  };
  const change = (part: Partial<ItemWriting>) => setW((was) => ({ ...was, ...part }));

  // Whatever stands in the text is offered as an indicator; nothing is added by itself.
  const look = async () => {
    const text = w.text.trim();
    if (text === "" || text === looked.current) return;
    looked.current = text;
    setFound(await acts.extract(text).catch(() => []));
  };
  const fresh = newOf(w.indicators, found);

  const save = async () => {
    const draft = itemSent(w, facts, now, uploads.attached());
    const tells = correcting ? null : audienceTells(facts, draft.audience ?? { kind: "room" }, facts.you);
    const late = correcting ? "" : filesTell(files, "item");
    const wrong = [...wrongWith(w, facts.you, now), ...(late === "" ? [] : [{ name: "attachments", message: late }]), ...(tells ? [{ name: "audience", message: tells }] : [])];
    if (wrong.length > 0) {
      submit.refuse(wrong);
      return;
    }
    if (sharing.how === "correct") {
      const body = { ...bodySent(w, now), ...submit.overriding() };
      if (await submit.run(() => acts.correct(sharing.seq, body, keyOf(body)))) onDone(sharing.seq);
      return;
    }
    await submit.run(async () => setChecking({ ...draft, ...submit.overriding() })); // a host's reason is for this text alone
  };

  /** The one place from which something new goes: to those who were shown, each part. */
  const made = useRef(0);
  const send = async (draft: ItemDraft, [item, torn]: readonly Seq[]) => {
    const sent = { ...draft, ...(item === undefined ? {} : { shown: item }), ...(draft.tear && torn !== undefined ? { tear: { ...draft.tear, shown: torn } } : {}) };
    made.current = (await acts.publish(sent, keyOf(draft))).seq;
  };

  const tear = w.tear;
  return (
    <Dialog title={correcting ? `Correct the intelligence of entry ${sharing.seq}` : "Share intelligence"} wide kind="sheet" onClose={close}>
      {checking ? (
        <>
          <p>
            {checking.tlp ? <TlpTag label={checking.tlp} /> : null} {checking.title}
          </p>
          <Looks
            looks={looks}
            me={facts.you}
            action="Share it"
            onAsk={acts.receivers}
            onSend={(shown) => send(checking, shown)}
            onSent={() => {
              uploads.clear();
              onDone(made.current);
            }}
            onRefused={(e) => {
              setChecking(null);
              void submit.run(() => Promise.reject(e));
            }}
            onBack={() => setChecking(null)}
          />
        </>
      ) : null}
      {/* Stays as it is meanwhile: who goes back finds everything where it was. */}
      <div hidden={checking !== null}>
      {correcting ? <p className="notice">What it said before stays in the log, legible. Its label and who receives it stay as they are.</p> : null}
      <FormProblems submit={submit} host={isHost(facts)} onAgain={() => void save()} />
      <TextField id="title" prose label="Title" hint="One line that says what it is." maxLength={200} error={submit.errorOf("title")} value={w.title} onChange={(e) => change({ title: e.target.value })} />
      <TextArea id="text" label="What is known" rows={6} maxLength={32_000} error={submit.errorOf("text")} value={w.text} onChange={(e) => change({ text: e.target.value })} onBlur={() => void look()} />
      {fresh.length > 0 ? (
        <div className="notice found" role="status">
          <span>
            {plural(fresh.length, "indicator")} found in this text.
          </span>
          <Button small kind="secondary" onClick={() => change({ indicators: withMore(w.indicators, fresh) })}>
            Add {fresh.length === 1 ? "it" : "them"} to the indicators
          </Button>
        </div>
      ) : null}

      <h3 className="form-heading">Indicators</h3>
      <IndicatorFields value={w.indicators} onChange={(indicators) => change({ indicators })} extract={acts.extract} error={submit.errorOf("indicators")} />

      {correcting ? null : (
        <>
          <h3 className="form-heading">Files</h3>
          <FileField id="attachments" hint="Or drop or paste them: up to 10, each up to 100 MB. They do not go with a tear-line." files={files} uploads={uploads} on={checking === null} error={submit.errorOf("attachments")} />
        </>
      )}

      <h3 className="form-heading">Where it comes from</h3>
      <SourceFields value={w.sources} onChange={(sources) => change({ sources })} now={now} errorOf={submit.errorOf} />

      {correcting ? null : (
        <>
          <h3 className="form-heading">How far it may go</h3>
          <LimitFields value={w.limits} onChange={(limits) => change({ limits })} facts={facts} errorOf={submit.errorOf} />
        </>
      )}

      <h3 className="form-heading">The rest</h3>
      <p className="field-note">None of it is needed now.</p>
      <details className="fold" open={submit.errorOf("expires") || submit.errorOf("review") ? true : undefined}>
        <summary>How long it holds</summary>
        <div className="fold__body">
          <MomentField id="expires" label={<>Expires <span className="optional">(can be left empty)</span></>} hint="From then on it is shown as expired, and not to be acted on." dir="future" now={now} error={submit.errorOf("expires")} value={w.expires} onChange={(expires) => change({ expires })} />
          <MomentField id="review" label={<>Look at it again <span className="optional">(can be left empty)</span></>} dir="future" now={now} error={submit.errorOf("review")} value={w.review} onChange={(review) => change({ review })} />
        </div>
      </details>
      <details className="fold" open={submit.errorOf("caveats") ? true : undefined}>
        <summary>Handling beyond the label</summary>
        <div className="fold__body">
          <TextField id="caveats" prose label="What you ask of its readers" hint="For example: call us before you act on it." maxLength={500} error={submit.errorOf("caveats")} value={w.caveats} onChange={(e) => change({ caveats: e.target.value })} />
        </div>
      </details>
      <details className="fold" open={w.refs.some((_, i) => submit.errorOf(`refs.${i}.name`) ?? submit.errorOf(`refs.${i}.url`)) ? true : undefined}>
        <summary>References outside</summary>
        <div className="fold__body">
          {w.refs.map((r, i) =>
            forMachines.reference(r.name) ? null : (
            // oxlint-disable-next-line react/no-array-index-key
            <div className="side-by-side" key={i}>
              <TextField id={`refs.${i}.name`} prose label="What it is" maxLength={200} error={submit.errorOf(`refs.${i}.name`)} value={r.name} onChange={(e) => change({ refs: w.refs.with(i, { ...r, name: e.target.value }) })} />
              <TextField id={`refs.${i}.url`} prose label={<>Address <span className="optional">(never a link)</span></>} maxLength={2048} spellCheck={false} error={submit.errorOf(`refs.${i}.url`)} value={r.url ?? ""} onChange={(e) => change({ refs: w.refs.with(i, { ...r, url: e.target.value }) })} />
            </div>
            ),
          )}
          <Button kind="plain" onClick={() => change({ refs: [...w.refs, { name: "" }] })}>
            <Icon name="plus" size={16} /> {w.refs.every((r) => forMachines.reference(r.name)) ? "Add a reference" : "Another reference"}
          </Button>
        </div>
      </details>
      {correcting ? null : (
        <details className="fold" open={tear ? true : undefined}>
          <summary>Tear-line: what others may have of it</summary>
          <div className="fold__body">
            <p className="field-note">Your own wording that may go further than the rest. It becomes an entry of its own, with its own label and readers.</p>
            {tear ? (
              <>
                <TextArea id="tear.text" label="The words that may go further" rows={3} maxLength={16_000} error={submit.errorOf("tear.text")} value={tear.text} onChange={(e) => change({ tear: { ...tear, text: e.target.value } })} />
                <SelectField id="tear.tlp" label="Label of the tear-line" hint={labelHint(tear.tlp)} error={submit.errorOf("tear.tlp")} value={tear.tlp} onChange={(e) => change({ tear: { ...tear, tlp: labels.find((l) => l === e.target.value) ?? tear.tlp } })}>
                  {labels.toReversed().map((l) => (
                    <option key={l} value={l}>
                      {l}
                    </option>
                  ))}
                </SelectField>
                <div id="tear.audience" tabIndex={-1}>
                  <AudiencePicker value={tear.audience} onChange={(audience) => change({ tear: { ...tear, audience } })} people={facts.members.filter((m) => m.state === "joined").map((m) => ({ number: m.number, name: m.name, org: m.org, orgName: m.orgName }))} me={facts.you} red={tear.tlp === "TLP:RED"} error={submit.errorOf("tear.audience") ?? audienceTells(facts, toWhom(tear.audience, tear.tlp, facts), facts.you) ?? undefined} />
                </div>
                <Button kind="plain" onClick={() => change({ tear: null })}>
                  Take the tear-line out
                </Button>
              </>
            ) : (
              <Button kind="plain" onClick={() => change({ tear: { text: "", tlp: "TLP:GREEN", audience: everyone } })}>
                <Icon name="plus" size={16} /> Add a tear-line
              </Button>
            )}
          </div>
        </details>
      )}
      <FormButtons stuck busy={submit.busy} onDo={() => void save()} onCancel={close}>
        {correcting ? "Correct it" : "Share it"}
      </FormButtons>
      </div>
    </Dialog>
  );
}
