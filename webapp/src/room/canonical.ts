// Comparing two JSON values as values: keys in any order, absent is absent.

export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** JSON with sorted keys. */
export function canonical(v: unknown): string {
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  if (typeof v === "object" && v !== null) {
    const fields = Object.entries(v).filter(([, x]) => x !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([k, x]) => `${JSON.stringify(k)}:${canonical(x)}`).join(",")}}`;
  }
  return JSON.stringify(v);
}

/** Every path at which the two differ. undefined stands for what is not there. */
export function differences(expected: unknown, got: unknown, path = ""): readonly Difference[] {
  if (isTree(expected) && isTree(got) && Array.isArray(expected) === Array.isArray(got)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)]);
    return [...keys].flatMap((k) => differences(expected[k], got[k], path === "" ? k : `${path}.${k}`));
  }
  return Object.is(expected, got) ? [] : [{ path, expected, got }];
}

function isTree(v: unknown): v is Readonly<Record<string, unknown>> {
  return typeof v === "object" && v !== null;
}
