/** "ring the duty number, 0300 …", as a link a phone can dial. */
export function DutyNumber({ duty, capital = false }: { duty: string; capital?: boolean }) {
  const ring = capital ? "Ring" : "ring";
  if (duty === "") return <>{ring} the duty number you were given</>;
  return (
    <>
      {ring} the duty number, <a href={`tel:${duty.replace(/[^+\d]/g, "")}`} className="nowrap">{duty}</a>
    </>
  );
}
