import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { shownProblem } from "../../ui/problem";

/** A list of administration: read once, and again after each change. */
export function useList<T>(what: string, load: () => Promise<readonly T[]>) {
  const query = useQuery({ queryKey: ["admin", what], queryFn: load });
  const { refetch } = query;
  const reload = useCallback(async () => void (await refetch()), [refetch]);
  return { rows: query.data ?? null, problem: query.error ? shownProblem(query.error).detail : "", reload };
}
