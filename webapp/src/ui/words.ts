// Words for counts and lists, so that no sentence says "1 entries".

/** plural(1, "entry", "entries") = "1 entry". */
export const plural = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;

/** "A", "A and B", "A, B and C". */
export function list(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1] ?? ""}`;
}

/** Why something stands in the record though it bears a protective marking. */
export const overrideWords = (reason: string): string => `It bears a protective marking and was written all the same: ${reason}`;

/** "one" to "ten" in words, larger numbers in digits. */
export function count(n: number): string {
  return ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"][n] ?? n.toLocaleString("en-GB");
}

/** Runs of consecutive numbers: [14,15,16,19] → "14–16 and 19". */
export function numberRuns(numbers: readonly number[]): string {
  const runs: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let j = i;
    while (numbers[j + 1] === (numbers[j] ?? 0) + 1) j++;
    runs.push(i === j ? `${numbers[i]}` : `${numbers[i]}–${numbers[j]}`);
    i = j + 1;
  }
  return list(runs);
}
