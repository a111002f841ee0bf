import type { Facts, Scale } from "../../protocol/types";
import { scales } from "../../protocol/types";
import { byInFull } from "../../room/called";
import { counts, grades, standing } from "../../room/severity";
import { severityHistory, type SeverityStep } from "../../room/severityHistory";
import type { RoomObject } from "../../room/state";
import { Said } from "../../ui/Said";
import { criterionName, gradeHeading, gradeMeaning, gradeName, gradeWords, scaleName } from "../../ui/severity";
import { Empty } from "../../ui/State";
import { dateAndTime, shortMoment, utc } from "../../ui/time";
import { list } from "../../ui/words";

const words = (s: SeverityStep): string => {
  const to = s.asked?.grade ? gradeName(s.scale, counts(s.scale, s.asked.grade)) : "";
  switch (s.kind) {
    case "severity.assessed":
      return `Assessed as ${gradeWords(s.scale, s.after.grade, counts(s.scale, s.after.grade))}`;
    case "severity.reassessed":
      return `Assessed again as ${gradeWords(s.scale, s.after.grade, counts(s.scale, s.after.grade))}`;
    case "severity.lowering_asked":
      return s.asked?.grade ? `Asked to lower it to ${to}` : "Asked to withdraw the assessment";
    case "severity.lowering_agreed":
      return s.after.ended ? "Agreed: the assessment is withdrawn" : `Agreed: lowered to ${gradeName(s.scale, counts(s.scale, s.after.grade))}`;
    case "severity.lowering_refused":
      return s.asked?.grade ? `Refused to lower it to ${to}` : "Refused to withdraw the assessment";
    default:
      return "Took the question back";
  }
};

/** What was ticked, where this step is an assessment. */
const criteria = (s: SeverityStep): readonly string[] => (s.kind === "severity.assessed" || s.kind === "severity.reassessed" ? s.after.criteria.map((c) => criterionName[c] ?? c) : []);

const rungName = (scale: Scale, n: number): string => `${scale === "nhs_level" ? "Level" : "Category"} ${n}`;
const row = 30; // CSS pixels from one grade to the next

/** Which grade operated when: a step line, gravest at the top. The table below says the same. */
function Chart({ scale, steps, now }: { scale: Scale; steps: readonly SeverityStep[]; now: number }) {
  const first = steps[0];
  if (!first) return null;
  const from = Date.parse(first.at);
  const to = Math.max(now, Date.parse(steps.at(-1)?.at ?? first.at), from + 60_000);
  const x = (at: number) => `${15 + (85 * (at - from)) / (to - from)}%`;
  const y = (n: number) => 14 + row * grades[scale].indexOf(n);
  const spans = steps.map((s, i) => ({ n: s.operates, from: Date.parse(s.at), to: Date.parse(steps[i + 1]?.at ?? new Date(to).toISOString()) }));
  const height = row * grades[scale].length + 26;
  const told = spans.filter((s) => s.n !== null).map((s) => `${gradeName(scale, s.n ?? 0)} from ${dateAndTime(new Date(s.from))}`);
  return (
    <figure className="severity-line">
      <svg width="100%" height={height} role="img" aria-label={`${scaleName[scale]} over time: ${told.join("; ")}. The table below says the same.`}>
        {grades[scale].map((n) => (
          <g key={n}>
            <line x1="15%" x2="100%" y1={y(n)} y2={y(n)} className="severity-line__rule" />
            <text x="0" y={y(n) + 4} className="severity-line__label">
              {rungName(scale, n)}
            </text>
          </g>
        ))}
        {spans.map((s, i) => {
          if (s.n === null) return null;
          const before = spans[i - 1]?.n;
          return (
            <g key={s.from}>
              {before !== null && before !== undefined && before !== s.n ? <line x1={x(s.from)} x2={x(s.from)} y1={y(before)} y2={y(s.n)} className="severity-line__step" /> : null}
              <line x1={x(s.from)} x2={x(s.to)} y1={y(s.n)} y2={y(s.n)} className="severity-line__level" />
              <circle cx={x(s.from)} cy={y(s.n)} r="4" className="severity-line__dot" />
            </g>
          );
        })}
        <text x="15%" y={height - 4} className="severity-line__label">
          {shortMoment(new Date(from), new Date(now))}
        </text>
        <text x="100%" y={height - 4} textAnchor="end" className="severity-line__label">
          {shortMoment(new Date(to), new Date(now))}
        </text>
      </svg>
    </figure>
  );
}

type Props = { facts: Facts; now: number; objects: readonly RoomObject[] };

/** The severity over time, with every assessment, who made it and why. */
export function SeverityBoard({ facts, now, objects }: Props) {
  const all = severityHistory(objects);
  const href = (n: number) => `/rooms/${facts.room.id}/entries/${n}`;
  if (all.length === 0) {
    return (
      <Empty title="Nobody has assessed the severity yet">
        <p>Whoever may do so sets it in the facts beside the log. If in doubt, the graver grade: it can be lowered.</p>
      </Empty>
    );
  }
  return (
    <div className="severity-board">
      {scales.map((scale) => {
        const steps = all.filter((s) => s.scale === scale);
        const top = standing(facts, scale)[0];
        if (steps.length === 0) return null;
        return (
          <section key={scale} aria-labelledby={`${scale}-heading`} className="board__section">
            <h3 id={`${scale}-heading`}>{top ? gradeHeading(scale, counts(scale, top.grade)) : `${scaleName[scale]}: none stands`}</h3>
            <Chart scale={scale} steps={steps} now={now} />
            <table className="record-table">
              <caption className="unseen">{scaleName[scale]}, step by step</caption>
              <thead>
                <tr>
                  <th scope="col">No.</th>
                  <th scope="col">When</th>
                  <th scope="col">What</th>
                  <th scope="col">Operates from here</th>
                </tr>
              </thead>
              <tbody>
                {steps.toReversed().map((s) => (
                  <tr key={s.seq}>
                    <td className="tabular">
                      <a href={href(s.seq)}>{s.seq}</a>
                    </td>
                    <td className="tabular">
                      <time dateTime={s.at} title={utc(s.at)}>
                        {shortMoment(s.at, new Date(now))}
                      </time>
                    </td>
                    <td>
                      {words(s)}
                      <span className="quiet"> · {byInFull(facts, s.by)}</span>
                      {criteria(s).length > 0 ? <p className="record__why">{list(criteria(s))}.</p> : null}
                      {s.reason ? (
                        <p className="record__why">
                          Because: <Said text={s.reason.text} entryHref={href} /> <a href={href(s.reason.seq)}>Entry {s.reason.seq}</a>
                        </p>
                      ) : null}
                    </td>
                    <td className="record-table__operates">{s.operates === null ? "None" : `${rungName(scale, s.operates)}: ${gradeMeaning(scale, s.operates)}`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
    </div>
  );
}
