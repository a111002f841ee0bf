import MarkdownIt from "markdown-it";
import { Fragment, memo, type ReactNode } from "react";
import { defang } from "./defang";
import { inlineParts, type MentionName } from "./inline";

// Messages are a subset of Markdown. The parser's tokens become React elements
// one by one from a short list; there is no path by which text becomes HTML,
// so no sanitiser is needed and Trusted Types has nothing to refuse.

const parser = new MarkdownIt("zero", { html: false, breaks: true }).enable(["emphasis", "backticks", "escape", "newline", "link", "autolink", "entity", "fence", "list", "blockquote"]);
parser.validateLink = (url) => /^https?:\/\//i.test(url) || /^mailto:[^\s]+$/i.test(url);

type Token = ReturnType<typeof parser.parse>[number];
type Context = { mentions: readonly MentionName[]; entryHref: ((n: number) => string) | undefined; live: boolean };

const blocks: Record<string, (children: ReactNode, token: Token) => ReactNode> = {
  paragraph: (c, t) => (t.hidden ? c : <p>{c}</p>),
  bullet_list: (c) => <ul>{c}</ul>,
  ordered_list: (c, t) => <ol start={Number(t.attrGet("start") ?? 1)}>{c}</ol>,
  list_item: (c) => <li>{c}</li>,
  blockquote: (c) => <blockquote>{c}</blockquote>,
  strong: (c) => <strong>{c}</strong>,
  em: (c) => <em>{c}</em>,
  link: (c, t) => {
    const href = String(t.attrGet("href") ?? "");
    return (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
        {c}
      </a>
    );
  },
};

/** An address in what must not be followed by mistake: its words, and where it would have led. */
const dead = (c: ReactNode, t: Token): ReactNode => (t.info === "auto" ? defang("url", String(t.attrGet("href") ?? "")) : <>{c} ({defang("url", String(t.attrGet("href") ?? ""))})</>);

// Turns tokens from index i up to the matching close into nodes.
function build(tokens: readonly Token[], from: number, ctx: Context): [ReactNode[], number] {
  const out: ReactNode[] = [];
  let i = from;
  while (i < tokens.length) {
    const t = tokens[i];
    if (!t || t.nesting === -1) return [out, i + 1];
    if (t.nesting === 1) {
      const [children, next] = build(tokens, i + 1, ctx);
      const make = !ctx.live && t.type === "link_open" ? dead : blocks[t.type.replace(/_open$/, "")];
      out.push(<Fragment key={i}>{make ? make(children, t) : children}</Fragment>);
      i = next;
      continue;
    }
    out.push(<Fragment key={i}>{leaf(t, ctx)}</Fragment>);
    i++;
  }
  return [out, i];
}

function leaf(t: Token, ctx: Context): ReactNode {
  switch (t.type) {
    case "inline":
      return build(t.children ?? [], 0, ctx)[0];
    case "softbreak":
    case "hardbreak":
      return <br />;
    case "code_inline":
      return <code>{t.content}</code>;
    case "fence":
      return (
        // Focusable so that a keyboard can scroll long lines.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre tabIndex={0}>
          <code>{t.content.replace(/\n$/, "")}</code>
        </pre>
      );
    default:
      return inlineParts(t.content, ctx.mentions).map((p, i) => {
        if (p.kind === "text") return p.text;
        if (p.kind === "mention")
          return (
            <span key={i} className={p.me ? "mention mention--me" : "mention"}>
              {p.text}
            </span>
          );
        return ctx.entryHref ? (
          <a key={i} href={ctx.entryHref(p.entry)} className="entry-ref" data-entry={p.entry}>
            {p.text}
          </a>
        ) : (
          p.text
        );
      });
  }
}

const nobody: readonly MentionName[] = [];

/** A message's text. `mentions` are the names that count as mentions; `entryHref` turns "#12" into a link; with `live` false no address is one. */
export const Markdown = memo(function Markdown({ text, mentions = nobody, entryHref, live = true }: { text: string; mentions?: readonly MentionName[]; entryHref?: ((n: number) => string) | undefined; live?: boolean }) {
  const [nodes] = build(parser.parse(text, {}), 0, { mentions, entryHref, live });
  return <>{nodes}</>;
});
