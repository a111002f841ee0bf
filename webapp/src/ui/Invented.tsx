/** Beside what exercise control wrote: the word that says so. */
export function Invented({ title = "Written for the exercise. Nobody said this." }: { title?: string }) {
  return (
    <span className="invented" title={title}>
      Invented
    </span>
  );
}
