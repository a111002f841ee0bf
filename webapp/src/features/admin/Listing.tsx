import type { ReactNode } from "react";
import { Empty, Failed, Loading } from "../../ui/State";

type Props<T> = {
  what: string;
  rows: readonly T[] | null;
  problem: string;
  onRetry: () => void;
  head: readonly string[];
  row: (t: T) => { key: string; cells: readonly ReactNode[] };
};

/** A table of a few columns that becomes a list on a phone. */
export function Listing<T>({ what, rows, problem, onRetry, head, row }: Props<T>) {
  if (problem !== "" && rows === null) return <Failed title={`The ${what} could not be loaded`} detail={problem} onRetry={onRetry} />;
  if (rows === null) return <Loading what={what} />;
  if (rows.length === 0) return <Empty title={`No ${what} yet`} />;
  return (
    <table className="listing">
      <thead>
        <tr>
          {head.map((h, i) => (
            <th key={h || i} scope="col">
              {h === "" ? <span className="unseen">Actions</span> : h}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((t) => {
          const { key, cells } = row(t);
          return (
            <tr key={key}>
              {cells.map((c, i) => (
                <td key={head[i] ?? i} data-label={head[i]}>
                  {c}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
