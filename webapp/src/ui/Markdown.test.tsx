import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Markdown } from "./Markdown";

afterEach(cleanup);
const html = (text: string): string => render(<Markdown text={text} />).container.innerHTML;

describe("a message's text", () => {
  it("shows the subset: strong, emphasis, code, lists, quotes, line breaks", () => {
    expect(html("**a** *b* `c`\nd")).toBe("<p><strong>a</strong> <em>b</em> <code>c</code><br>d</p>");
    expect(html("- x\n- y")).toBe("<ul><li>x</li><li>y</li></ul>");
    expect(html("3. x\n4. y")).toBe('<ol start="3"><li>x</li><li>y</li></ol>');
    expect(html("> q")).toBe("<blockquote><p>q</p></blockquote>");
    expect(html("```\na  <b>\n```")).toBe('<pre tabindex="0"><code>a  &lt;b&gt;</code></pre>');
  });

  it("makes no address a link where none may be followed by mistake", () => {
    const { container } = render(<Markdown text={"[the report](https://a.example/x), <http://b.example> and http://c.example"} live={false} />);
    expect(container.querySelector("a")).toBeNull();
    expect(container.textContent).toBe("the report (hxxps://a[.]example/x), hxxp://b[.]example and http://c.example");
  });

  it("shows HTML as the text it is", () => {
    for (const bad of ["<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "<svg/onload=alert(1)>", '<a href="javascript:alert(1)">x</a>', "<iframe srcdoc='x'>", "&lt;script&gt;x&lt;/script&gt;"]) {
      const { container } = render(<Markdown text={bad} />);
      expect(container.querySelector("script, img, svg, iframe, a")).toBeNull();
      cleanup();
    }
  });

  it("links only to web and mail addresses, never to code or data", () => {
    for (const bad of ["[x](javascript:alert(1))", "[x](data:text/html,1)", "[x](vbscript:x)", "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))", "<javascript:alert(1)>"]) {
      const { container } = render(<Markdown text={bad} />);
      expect(container.querySelector("a")).toBeNull();
      cleanup();
    }
    render(<Markdown text="[the report](https://example.org/a?b=1)" />);
    const link = screen.getByRole("link", { name: "the report" });
    expect(link.getAttribute("href")).toBe("https://example.org/a?b=1");
    expect(link.getAttribute("rel")).toContain("noopener");
  });

  it("has no images, headings or tables", () => {
    expect(html("![x](https://example.org/p.png)")).not.toContain("<img");
    expect(html("# Loud")).toBe("<p># Loud</p>");
    expect(html("|a|\n|-|\n|b|")).not.toContain("<table");
  });

  it("marks mentions and links entries by number", () => {
    const { container } = render(<Markdown text="@Jo Bell see #12" mentions={[{ name: "Jo Bell", me: true }]} entryHref={(n) => `/rooms/r/entries/${n}`} />);
    expect(container.querySelector(".mention--me")?.textContent).toBe("@Jo Bell");
    expect(screen.getByRole("link", { name: "#12" }).getAttribute("href")).toBe("/rooms/r/entries/12");
  });
});
