import { Button } from "../../ui/Button";
import { Receivers, receiving, Suppliers } from "../../ui/PreflightPanel";
import type { PreflightState } from "../../ui/usePreflight";

/** Who receives what is written in a log that is not for the whole room: in sight while one writes, so that no line asks. */
export function Readers({ preflight, me }: { preflight: PreflightState; me: number }) {
  const { shown, problem } = preflight;
  if (shown === null) {
    return (
      <p className="desk__readers">
        {problem === "" ? "Looking up who receives this log…" : `Who receives this log could not be looked up. ${problem}`}{" "}
        {problem === "" ? null : (
          <Button kind="plain" onClick={preflight.again}>
            Look again
          </Button>
        )}
      </p>
    );
  }
  const fresh = shown.members.filter((m) => m.joined10 && m.number !== me).length;
  return (
    <details className="desk__readers">
      <summary>
        {receiving(shown, me)} <Suppliers shown={shown} /> {fresh > 0 ? <strong className="preflight__flag">{fresh} joined in the last 10 minutes</strong> : null}
      </summary>
      <Receivers shown={shown} me={me} />
    </details>
  );
}
