import { useEffect, useState } from "react";
import type { Api } from "../../protocol/api";
import type { Keeper, OrgContacts } from "../../protocol/directory";
import type { PersonRow } from "../../protocol/rest";
import { Button } from "../../ui/Button";
import { Question } from "../../ui/Question";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { RadioGroup } from "../../ui/Field";
import { FormButtons } from "../../ui/FormButtons";
import { shownProblem } from "../../ui/problem";
import { Failed, Loading } from "../../ui/State";
import { useSubmit } from "../../ui/useSubmit";

type Directory = Api["directory"];

/** The organisation's own people who keep its list; hosts name them. */
export function Keepers({ list, directory, host, onChanged }: { list: OrgContacts; directory: Directory; host: boolean; onChanged: () => Promise<unknown> }) {
  const [open, setOpen] = useState<{ what: "name" } | { what: "unname"; keeper: Keeper } | null>(null);
  const close = () => setOpen(null);
  const then = async (act: Promise<unknown>) => {
    await act;
    await onChanged();
  };
  return (
    <section className="page__section" aria-labelledby="keepers">
      <h2 id="keepers">Who keeps this list</h2>
      {list.keepers.length === 0 ? <p className="quiet">Nobody of the organisation has been named to. Until somebody is, the hosts keep it.</p> : null}
      <ul className="contacts__keepers">
        {list.keepers.map((k) => (
          <li key={k.person}>
            {k.name}
            {host ? (
              <Button kind="plain" onClick={() => setOpen({ what: "unname", keeper: k })}>
                No longer<span className="unseen"> {k.name}</span>
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {host && !list.closed ? (
        <Button kind="secondary" small onClick={() => setOpen({ what: "name" })}>
          Name an administrator
        </Button>
      ) : null}
      {open?.what === "name" ? <NameDialog list={list} directory={directory} onName={(person) => then(directory.name(list.code, person, true))} onClose={close} /> : null}
      {open?.what === "unname" ? <Question title={`Should ${open.keeper.name} no longer keep this list?`} action="No longer" warning onClose={close} onDo={() => then(directory.name(list.code, open.keeper.person, false))} /> : null}
    </section>
  );
}

function NameDialog({ list, directory, onName, onClose }: { list: OrgContacts; directory: Directory; onName: (person: string) => Promise<unknown>; onClose: () => void }) {
  const [people, setPeople] = useState<readonly PersonRow[] | null>(null);
  const [problem, setProblem] = useState("");
  const [person, setPerson] = useState("");
  const submit = useSubmit();
  useEffect(() => {
    let live = true;
    directory.people(list.code).then((p) => live && setPeople(p), (e: unknown) => live && setProblem(shownProblem(e).detail));
    return () => {
      live = false;
    };
  }, [directory, list.code]);
  const choices = people?.filter((p) => !list.keepers.some((k) => k.person === p.id)) ?? [];
  const save = async () => {
    if (person === "") return submit.refuse([{ name: "person", message: "Choose a person." }]);
    if (await submit.run(() => onName(person))) onClose();
  };
  return (
    <Dialog title={`Who keeps the contacts of ${list.name}?`} onClose={onClose}>
      <ErrorSummary problems={submit.problems} />
      <p>They add, verify and remove its contacts. They see no room because of it.</p>
      {problem !== "" ? <Failed title="Its people could not be loaded" detail={problem} /> : null}
      {people === null && problem === "" ? <Loading what="its people" /> : null}
      {people !== null && choices.length === 0 ? <p>Nobody else who acts for it is known here. People become known when they join a room, or when an administrator registers them.</p> : null}
      {choices.length > 0 ? <RadioGroup legend="Person" id="person" name="person" error={submit.errorOf("person")} value={person} choices={choices.map((p) => ({ value: p.id, label: p.name }))} onChange={setPerson} small /> : null}
      <FormButtons busy={submit.busy} onDo={() => void save()} onCancel={onClose}>
        Name
      </FormButtons>
    </Dialog>
  );
}
