import { Icon } from "./Icon";
import type { StateLook } from "./record";

/** Where a thing of the record stands: a shape, a word and a colour. */
export function StateTag({ look }: { look: StateLook }) {
  return (
    <span className={`state-tag state-tag--${look.tone}`}>
      <Icon name={look.icon} size={14} />
      {look.word}
    </span>
  );
}
