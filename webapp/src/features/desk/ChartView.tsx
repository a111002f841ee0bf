import { useId } from "react";
import type { Chart, DeskOrganisation, DeskRoom } from "../../protocol/desk";
import type { Scale } from "../../protocol/types";
import { gradeName, scaleName, gradeMeaning } from "../../ui/severity";
import { dateAndTime, hours, plainDate, zoneAt } from "../../ui/time";
import { duration } from "../../ui/time";
import { plural } from "../../ui/words";
import { across, counts, grades, size, stepPath, stepsOf, ticks } from "./chart";
import { Stamp } from "./Stamp";
import { todayWords } from "./who";

type Props = { chart: Chart; room: DeskRoom | undefined; organisations: readonly DeskOrganisation[] };

const stepWords = (seconds: number): string => ({ 60: "minute", 3600: "hour", 86400: "day", 604800: "week" })[seconds] ?? duration(seconds * 1000);
const dashes = ["none", "10 5", "2 4", "12 4 2 4"];
const words: Record<Scale, string> = { nhs_level: "NHS level", ncsc_category: "NCSC category" };

/** How an incident went: severity, entries and organisations over time, as a drawing and as tables of the same. */
export function ChartView({ chart, room, organisations }: Props) {
  return (
    <>
      <figure className="desk-chart">
        <p className="desk-chart__hint">Move the drawing sideways to see all of it.</p>
        <Drawing chart={chart} room={room} organisations={organisations} />
        <figcaption>
          {chart.exercise ? <strong>EXERCISE. </strong> : null}
          {room?.reference}, {dateAndTime(chart.from)} to {dateAndTime(chart.to)}
          {chart.clock ? ", by the exercise’s own clock" : ""}. The tables below hold the same.
        </figcaption>
      </figure>
      <Tables chart={chart} organisations={organisations} />
    </>
  );
}

const orgName = (organisations: readonly DeskOrganisation[], code: string, chart: Chart): string => chart.organisations.find((o) => o.org === code)?.name ?? organisations.find((o) => o.code === code)?.name ?? code;

function Drawing({ chart, room, organisations }: Props) {
  const id = useId();
  const x = across(chart);
  const end = x(chart.to);
  const scales = (["nhs_level", "ncsc_category"] as const).filter((s) => chart.severity.some((v) => v.scale === s));
  const most = Math.max(1, ...chart.buckets.map((b) => b.entries));
  let top = 34;
  const bands = scales.map((scale) => {
    const at = top + 22;
    top = at + grades(scale).length * size.row + stepsOf(chart, scale).length * 20 + size.gap - 20;
    return { scale, at };
  });
  const bars = top + 22;
  const orgs = bars + size.bars + size.gap + 22;
  const bottom = orgs + chart.organisations.length * size.row;
  const height = bottom + 40;
  const total = chart.buckets.reduce((n, b) => n + b.entries, 0);
  const told = `${chart.exercise ? "EXERCISE. " : ""}${plural(total, "entry", "entries")} from ${dateAndTime(chart.from)} to ${dateAndTime(chart.to)}; ${plural(chart.organisations.length, "organisation")}; ${plural(chart.severity.length, "step")} of severity. The tables after the drawing hold every value.`;
  return (
    // On a phone it is wider than the screen, so the keyboard must reach it to move it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="desk-chart__scroll" role="region" aria-label="The drawing, which may be wider than the screen" tabIndex={0}>
      <svg viewBox={`0 0 ${size.width} ${height}`} role="img" aria-labelledby={`${id}-title ${id}-desc`} className="desk-chart__svg">
        <title id={`${id}-title`}>{`How ${room?.reference ?? "the incident"} went`}</title>
        <desc id={`${id}-desc`}>{told}</desc>
        <defs>
          <pattern id={`${id}-hatch`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" className="desk-chart__paper" />
            <line x1="0" y1="0" x2="0" y2="6" className="desk-chart__hatch" />
          </pattern>
        </defs>
        {chart.exercise ? (
          <text x={size.width - size.right} y={22} textAnchor="end" className="desk-chart__exercise">
            EXERCISE
          </text>
        ) : null}
        {ticks(chart, 6).map((t) => (
          <g key={t}>
            <line x1={x(t)} x2={x(t)} y1={34} y2={bottom} className="desk-chart__grid" />
            <text x={x(t)} y={bottom + 16} className="desk-chart__tick">
              {hours(t)} {zoneAt(t)}
            </text>
            <text x={x(t)} y={bottom + 32} className="desk-chart__tick">
              {plainDate(t)}
            </text>
          </g>
        ))}
        {bands.map(({ scale, at }) => {
          const rows = grades(scale);
          const y = (n: number) => at + rows.indexOf(n) * size.row + size.row / 2;
          return (
            <g key={scale}>
              <text x={0} y={at - 8} className="desk-chart__head">
                Severity, {words[scale]}
              </text>
              {rows.map((n) => (
                <g key={n}>
                  <line x1={size.left} x2={size.width - size.right} y1={y(n)} y2={y(n)} className="desk-chart__grid" />
                  <text x={size.left - 10} y={y(n) + 4} textAnchor="end" className="desk-chart__label">
                    {n}: {gradeMeaning(scale, n).replace("within an organisation’s own plans", "an organisation’s own plans")}
                  </text>
                </g>
              ))}
              {stepsOf(chart, scale).map(({ org, steps }, i) => (
                <g key={org}>
                  <path d={stepPath(steps, end, x, y)} className="desk-chart__line" strokeDasharray={dashes[i % dashes.length]} />
                  {steps.filter((s) => !s.ended).map((s) => (
                    <circle key={s.seq} cx={x(s.at)} cy={y(counts(s))} r={4} className="desk-chart__dot" />
                  ))}
                  <line x1={size.left} x2={size.left + 40} y1={at + rows.length * size.row + 10 + i * 20} y2={at + rows.length * size.row + 10 + i * 20} className="desk-chart__line" strokeDasharray={dashes[i % dashes.length]} />
                  <text x={size.left + 48} y={at + rows.length * size.row + 14 + i * 20} className="desk-chart__label">
                    assessed by {orgName(organisations, org, chart)}
                  </text>
                </g>
              ))}
            </g>
          );
        })}
        <text x={0} y={bars - 8} className="desk-chart__head">
          Entries in each {stepWords(chart.step)}
        </text>
        {[0, most].map((n) => (
          <g key={n}>
            <line x1={size.left} x2={size.width - size.right} y1={bars + size.bars - (size.bars * n) / most} y2={bars + size.bars - (size.bars * n) / most} className="desk-chart__grid" />
            <text x={size.left - 10} y={bars + size.bars - (size.bars * n) / most + 4} textAnchor="end" className="desk-chart__label">
              {n}
            </text>
          </g>
        ))}
        {chart.buckets.map((b, i) => {
          const from = x(b.at);
          const next = chart.buckets[i + 1];
          const to = next ? x(next.at) : x(new Date(Date.parse(b.at) + chart.step * 1000).toISOString());
          const h = (size.bars * b.entries) / most;
          return b.entries === 0 ? null : <rect key={b.at} x={from + 1} width={Math.max(1, to - from - 2)} y={bars + size.bars - h} height={h} className="desk-chart__bar" fill={`url(#${id}-hatch)`} />;
        })}
        <text x={0} y={orgs - 8} className="desk-chart__head">
          Organisations in the room
        </text>
        {chart.organisations.map((o, i) => {
          const y = orgs + i * size.row;
          const from = x(o.joined);
          const to = o.ended ? x(o.ended) : end;
          return (
            <g key={o.org}>
              <text x={size.left - 10} y={y + 16} textAnchor="end" className="desk-chart__label">
                {o.name.length > 36 ? `${o.name.slice(0, 35)}…` : o.name}
              </text>
              <rect x={from} width={Math.max(3, to - from)} y={y + 6} height={size.row - 12} className="desk-chart__span" />
              {o.ended ? <line x1={to} x2={to} y1={y + 3} y2={y + size.row - 3} className="desk-chart__line" /> : null}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function Tables({ chart, organisations }: Omit<Props, "room">) {
  return (
    <div className="desk-chart__tables">
      <table className="desk-table">
        <caption className="desk-table__title">Severity</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Assessed by</th>
            <th scope="col">Grade</th>
            <th scope="col">Entry</th>
          </tr>
        </thead>
        <tbody>
          {chart.severity.length === 0 ? (
            <tr>
              <td colSpan={4}>No severity was assessed.</td>
            </tr>
          ) : null}
          {chart.severity
            .toSorted((a, b) => a.seq - b.seq)
            .map((s) => (
              <tr key={s.seq}>
                <td>
                  <Stamp at={s.at} />
                </td>
                <td>{orgName(organisations, s.org, chart)}</td>
                <td>{s.ended ? `${scaleName[s.scale]}: withdrawn` : gradeName(s.scale, counts(s))}</td>
                <td className="tabular">{s.seq}</td>
              </tr>
            ))}
        </tbody>
      </table>
      <table className="desk-table">
        <caption className="desk-table__title">Organisations</caption>
        <thead>
          <tr>
            <th scope="col">Organisation, as it joined</th>
            <th scope="col">First joined</th>
            <th scope="col">Last left</th>
          </tr>
        </thead>
        <tbody>
          {chart.organisations.map((o) => {
            const today = todayWords(o.name, o.org, organisations);
            return (
              <tr key={o.org}>
                <td>
                  {o.name}
                  {today === "" ? null : <span className="desk-who__today">{today}</span>}
                </td>
                <td>
                  <Stamp at={o.joined} />
                </td>
                <td>{o.ended ? <Stamp at={o.ended} /> : "Still in the room"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <table className="desk-table">
        <caption className="desk-table__title">Entries in each {stepWords(chart.step)}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Entries</th>
          </tr>
        </thead>
        <tbody>
          {chart.buckets
            .filter((b) => b.entries > 0)
            .map((b) => (
              <tr key={b.at}>
                <td>
                  <Stamp at={b.at} />
                </td>
                <td className="tabular">{b.entries}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
