import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { CopyAll, Indicator } from "./Indicator";

const copied = vi.fn<(text: string) => Promise<void>>();
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
});
beforeEach(() => {
  copied.mockReset().mockResolvedValue(undefined);
});
afterEach(cleanup);
const at = () => Object.defineProperty(navigator, "clipboard", { value: { writeText: copied }, configurable: true });

const domain = { kind: "domain", value: "switch.example" } as const;

describe("an indicator", () => {
  it("is shown defanged, and nothing in it is a link", () => {
    const { container } = render(<Indicator indicator={{ kind: "url", value: "http://switch.example/a" }} />);
    expect(container.textContent).toContain("hxxp://switch[.]example/a");
    expect(container.innerHTML).not.toContain("http://switch.example");
    expect(container.querySelector("a")).toBeNull();
  });

  it("is copied defanged", async () => {
    const user = userEvent.setup();
    at();
    render(<Indicator indicator={domain} />);
    await user.click(screen.getByRole("button", { name: /^Copy\s*switch/ }));
    expect(copied).toHaveBeenCalledExactlyOnceWith("switch[.]example");
    expect(await screen.findByText("Copied, defanged")).toBeTruthy();
  });

  it("is copied live only after a question", async () => {
    const user = userEvent.setup();
    at();
    render(<Indicator indicator={domain} />);
    await user.click(screen.getByRole("button", { name: /^Copy live/ }));
    expect(copied).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(copied).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: /^Copy live/ }));
    await user.click(screen.getByRole("dialog", { name: "Copy it live?" }).querySelector("button.nhsuk-button--warning") as HTMLElement);
    expect(copied).toHaveBeenCalledExactlyOnceWith("switch.example");
  });

  it("shows the tags that people wrote, and none that systems keep for one another", () => {
    const { container } = render(<Indicator indicator={{ ...domain, doNotBlock: true, tags: ["do-not-block", "stix:created=2017-05-12", "worm"] }} />);
    expect(container.querySelector(".indicator__note")?.textContent).toBe("worm");
  });

  it("has nothing to be made live where it leads nowhere", () => {
    render(<Indicator indicator={{ kind: "sha256", value: "a".repeat(64) }} />);
    expect(screen.queryByRole("button", { name: /live/ })).toBeNull();
  });

  it("says in words that blocking it makes things worse, also where many are copied", async () => {
    const user = userEvent.setup();
    at();
    const keep = { ...domain, doNotBlock: true };
    render(
      <>
        <Indicator indicator={keep} />
        <CopyAll indicators={[keep, { kind: "ipv4", value: "192.0.2.7" }]} />
      </>,
    );
    expect(screen.getByText("Do not block: blocking this makes things worse.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Copy all 2, defanged" }));
    expect(copied).toHaveBeenCalledExactlyOnceWith("Domain\tswitch[.]example\tDo not block: blocking this makes things worse.\nIPv4 address\t192[.]0[.]2[.]7");
  });
});
