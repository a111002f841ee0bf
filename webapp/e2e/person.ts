// Somebody at a browser of their own: a context with its own cookies, its own
// storage and its own ears for whatever a page may not do.
import type axe from "axe-core";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, type Cookie, expect, type Locator, type Page, type TestInfo } from "@playwright/test";
import { account, type Account, issuerName, type Who } from "./accounts";
import type { House } from "./house";

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };
const android = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36";

export interface Options {
  readonly on?: "desktop" | "phone";
  /** Another size than the usual one. */
  readonly size?: { readonly width: number; readonly height: number };
  /** By the server's other name. */
  readonly otherName?: boolean;
  /** A sign-in of this person that an earlier journey made, if it is still good. */
  readonly kept?: boolean;
}

/** What axe asks of a screen: WCAG 2.2 AA, and what is usual beside it. */
const judged: axe.RunOptions = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], preload: false };

/** Half as long as the file with its comments: every page reads it anew. */
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Screens are kept for whoever looks at them; where nobody does, only those of failed tests are. */
const keepScreens = process.env["CI"] === undefined;

/** Chromium's own line about an answer that is not 2xx; whether it was to be expected, a test says. */
const refusedLine = /^Failed to load resource: the server responded with a status of (\d{3})/;

export class Person {
  readonly account: Account;
  /** Everything a page must not do: console errors, exceptions, reports of the content security policy. */
  readonly problems: string[] = [];
  /** All that the server sent over sockets and as answers of the interface, as text. */
  readonly received: string[] = [];
  /** Sockets by when they were closed; 0 while open. */
  readonly sockets: { closed: number }[] = [];
  private expected: RegExp[] = [];
  private reading: Promise<unknown>[] = [];
  readonly url: string;

  readonly context: BrowserContext;
  readonly page: Page;
  readonly on: "desktop" | "phone";
  private readonly info: TestInfo;
  private readonly signedIn: Map<string, Cookie[]> | null;

  private constructor(who: Who, url: string, context: BrowserContext, page: Page, on: "desktop" | "phone", info: TestInfo, signedIn: Map<string, Cookie[]> | null) {
    this.account = account(who);
    this.url = url;
    this.context = context;
    this.page = page;
    this.on = on;
    this.info = info;
    this.signedIn = signedIn;
  }

  static async arrive(browser: Browser, house: House, who: Who, info: TestInfo, options: Options = {}): Promise<Person> {
    const on = options.on ?? "desktop";
    const size = options.size ?? (on === "phone" ? phone : desktop);
    const context = await browser.newContext({ viewport: size, ...(on === "phone" ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2, userAgent: android } : {}) });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    const person = new Person(who, options.otherName ? house.otherURL : house.url, context, page, on, info, options.kept ? house.signedIn : null);
    await person.listen();
    return person;
  }

  private async listen(): Promise<void> {
    const { page } = this;
    page.on("pageerror", (e) => this.problems.push(`exception: ${e.stack ?? e.message}`));
    page.on("console", (m) => {
      if (m.type() !== "error" && m.type() !== "warning") return;
      const status = refusedLine.exec(m.text())?.[1];
      const line = status === undefined ? `${m.type()}: ${m.text()}` : `refused: ${status} ${new URL(m.location().url).pathname}`;
      this.problems.push(line);
    });
    page.on("dialog", (d) => {
      this.problems.push(`dialog: ${d.message()}`);
      void d.dismiss();
    });
    await page.exposeFunction("__violation", (what: string) => void this.problems.push(`policy: ${what}`));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (e) => {
        const tell = Reflect.get(globalThis, "__violation") as (what: string) => void;
        tell(`${e.violatedDirective} ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber} ${e.sample}`);
      });
    });
    page.on("websocket", (ws) => {
      const socket = { closed: 0 };
      this.sockets.push(socket);
      ws.on("framereceived", (f) => this.received.push(f.payload.toString()));
      ws.on("close", () => (socket.closed = Date.now()));
    });
    page.on("response", (r) => {
      if (!new URL(r.url()).pathname.startsWith("/api/")) return;
      const read = r.text().then(
        (text) => this.received.push(text),
        () => undefined, // the page went on before it was read
      );
      this.reading.push(read);
    });
  }

  /** Lines that this test is about, and which are therefore no problem: `refused: 404 /api/v1/rooms/…`. */
  expects(...lines: RegExp[]): void {
    this.expected.push(...lines);
  }

  /** Whether a text ever came over the wire, in a frame or in an answer. */
  async heard(text: string): Promise<boolean> {
    await Promise.all(this.reading);
    return this.received.some((r) => r.includes(text));
  }

  /** In which forms an entry came over sockets and pages: the names of its fragment's parts, each time. */
  forms(seq: number): string[][] {
    const found: string[][] = [];
    const look = (v: unknown): void => {
      if (Array.isArray(v)) v.forEach(look);
      else if (v !== null && typeof v === "object") {
        if ("seq" in v && v.seq === seq && ("leaf" in v || "seed" in v)) found.push(Object.keys(v).toSorted());
        Object.values(v).forEach(look);
      }
    };
    for (const text of this.received) {
      try {
        look(JSON.parse(text));
      } catch {
        continue; // no JSON, no fragment
      }
    }
    return found;
  }

  /** Leaves, and answers for what the pages did. */
  async leave(): Promise<void> {
    await this.signOutUnlessKept();
    await this.context.close();
    const wrong = this.problems.filter((p) => !this.expected.some((e) => e.test(p)));
    expect.soft(wrong, `what ${this.account.name}'s browser complained of`).toEqual([]);
  }

  /** A sign-in that nobody takes up again ends: by it they would seem to be here, to whom they are sent nothing. */
  private async signOutUnlessKept(): Promise<void> {
    const kept = new Set(this.signedIn?.get(this.place)?.map((c) => c.value));
    const own = (await this.context.cookies(this.url)).filter((c) => c.httpOnly);
    if (own.length === 0 || own.some((c) => kept.has(c.value))) return;
    await Promise.all(this.context.pages().map((p) => p.close()));
    await this.context.request.delete(`${this.url}/api/v1/session`, { headers: { Origin: new URL(this.url).origin, "Idempotency-Key": ulid() }, timeout: 5_000 }).catch(() => undefined); // the server may be down by the journey's end
  }

  // ── going places ──────────────────────────────────────────────────────────

  async goto(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  /** Signs in from wherever the page asks for it: service, person, second factor. A service that knows the browser asks for less. */
  async signInHere(): Promise<void> {
    const { page } = this;
    const [asked] = await Promise.all([
      page.waitForResponse((r) => {
        const { pathname } = new URL(r.url());
        return pathname === "/auth/callback" || (pathname.startsWith("/interaction/") && r.status() === 200);
      }),
      page.getByRole("link", { name: issuerName[this.account.issuer] }).click(),
    ]);
    if (new URL(asked.url()).pathname === "/auth/callback") return;
    const button = page.getByTestId(`account-${this.account.key}`);
    await expect(button.or(page.getByTestId("second-factor-code"))).toBeVisible();
    if (await button.isVisible()) await button.click();
    await this.secondFactor();
  }

  /** The sign-in service's last page; its code is filled in. */
  async secondFactor(): Promise<void> {
    const { page } = this;
    await expect(page.getByTestId("person")).toContainText(this.account.name);
    await expect(page.getByTestId("second-factor-code")).not.toHaveValue("");
    await page.getByTestId("second-factor-submit").click();
    await page.waitForURL((u) => u.origin === this.url);
  }

  /** Answers the question for a fresh second factor, and comes back. */
  async confirmHere(): Promise<void> {
    const back = this.page.url();
    await this.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
    await expect(this.page.getByRole("heading", { name: "Confirm it is you" })).toBeVisible();
    await this.secondFactor();
    await expect(this.page).toHaveURL(new RegExp(`^${new URL(back).origin}/`));
  }

  /** Answers the same question in the page that opens for it, where a form must not be left. */
  async confirmBeside(): Promise<void> {
    const opens = this.context.waitForEvent("page");
    await this.dialog("Confirm that it is you").getByRole("link", { name: "Confirm with my second factor" }).click();
    const beside = await opens;
    await beside.getByTestId("second-factor-submit").click();
    await expect(beside.getByRole("heading", { name: "It is you" })).toBeVisible();
    await beside.close();
  }

  async signIn(path = "/"): Promise<this> {
    const again = await this.cameBack();
    await this.goto(path);
    if (!again) {
      await this.signInHere();
      this.signedIn?.set(this.place, await this.context.cookies());
    }
    if (path === "/") await expect(this.page.getByRole("heading", { name: "My rooms" })).toBeVisible();
    return this;
  }

  /** Which sign-in is meant: whose, and by which of the server's names. */
  private get place(): string {
    return `${this.account.key} ${this.url}`;
  }

  /** Takes up the sign-in that is kept of this person; false if there is none, or it has ended. */
  private async cameBack(): Promise<boolean> {
    const cookies = this.signedIn?.get(this.place);
    if (!cookies) return false;
    await this.context.addCookies(cookies);
    if ((await this.context.request.get(`${this.url}/api/v1/session`)).ok()) return true;
    await this.context.clearCookies();
    return false;
  }

  /** Opens a room's page and waits until its log is there. */
  async enter(room: string): Promise<this> {
    if (new URL(this.page.url() === "about:blank" ? this.url : this.page.url()).pathname !== `/rooms/${room}`) await this.goto(`/rooms/${room}`);
    await expect(this.feed).toBeVisible();
    return this;
  }

  // ── in a room ─────────────────────────────────────────────────────────────

  get feed(): Locator {
    return this.page.getByRole("feed");
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^Message/ });
  }

  entry(seq: number): Locator {
    return this.page.locator(`article[data-seq="${seq}"]`);
  }

  /** The entry that shows this text and has a number. */
  entryWith(text: string | RegExp): Locator {
    return this.page.locator("article[data-seq]", { hasText: text });
  }

  async seqOf(text: string | RegExp): Promise<number> {
    const article = this.entryWith(text).first();
    await expect(article).toBeVisible();
    return Number(await article.getAttribute("data-seq"));
  }

  /** Writes to the room and returns the entry's number once it has one. `shown` is what Markdown makes of the text. */
  async say(text: string, shown: string = text): Promise<number> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    return this.seqOf(shown);
  }

  /** Sends what the composer holds, once it is shown who receives it. */
  async sendShown(): Promise<void> {
    await this.composer.press("Enter");
    const send = this.page.getByRole("group", { name: /receives?|gains?|sight of/ }).getByRole("button", { name: "Send", exact: true });
    await expect(send).toBeFocused();
    await this.page.keyboard.press("Enter");
  }

  /** Chooses from an entry's menu. */
  async act(seq: number, item: string): Promise<void> {
    await this.page.getByRole("button", { name: `Actions for entry ${seq}`, exact: true }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  async offers(seq: number): Promise<string[]> {
    await this.page.getByRole("button", { name: `Actions for entry ${seq}`, exact: true }).click();
    const all = await this.page.getByRole("menuitem").allTextContents();
    await this.page.keyboard.press("Escape");
    return all;
  }

  /** One of a room's four parts; on a desktop all are in sight. */
  async part(name: "Log" | "Brief" | "People" | "More"): Promise<void> {
    if (this.on === "phone") await this.page.getByRole("navigation", { name: "Parts of this room" }).getByRole("link", { name }).click();
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole("dialog", { name });
  }

  // ── asking the interface, with this page's cookies ────────────────────────

  async ask<T = unknown>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return this.page.evaluate(
      async ({ method, path, body, key }) => {
        const init: RequestInit = { method, headers: { "Idempotency-Key": key, ...(body === undefined ? {} : { "Content-Type": "application/json" }) } };
        if (body !== undefined) init.body = JSON.stringify(body);
        const r = await fetch(`/api/v1${path}`, init);
        const text = await r.text();
        return { status: r.status, body: text === "" ? null : JSON.parse(text) };
      },
      { method, path, body, key: ulid() },
    );
  }

  private async must<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Opens a room without its form, for journeys that begin in one. */
  async makeRoom(title: string, more: { mode?: "incident" | "exercise"; roster?: "names" | "organisations" | "hosts" } = {}): Promise<Room> {
    return this.must<Room>("POST", "/rooms", { title, mode: more.mode ?? "incident", roster: more.roster ?? "names", org: this.account.organisation, report: { major: false, type: "Ransomware" } });
  }

  /** Invites somebody whom the deployment knows, and has them accept. */
  async bring(room: Room, guest: Person, role: string, history: "full" | "from_join" = "from_join"): Promise<void> {
    const { people } = await this.must<{ people: { id: string; name: string }[] }>("GET", `/organisations/${guest.account.organisation}/people`);
    const known = people.find((p) => p.name === guest.account.name);
    if (!known) throw new Error(`${guest.account.name} is not known here`);
    await this.must("POST", `/rooms/${room.room}/members`, { name: known.name, person: known.id, org: guest.account.organisation, role, history });
    await guest.acceptInvitation(room);
  }

  private async acceptInvitation(room: Room): Promise<void> {
    const { invitations } = await this.must<{ invitations: { id: string; reference: string; rules: { version: number } }[] }>("GET", "/rooms");
    const mine = invitations.find((i) => i.reference === room.reference);
    if (!mine) throw new Error(`${this.account.name} has no invitation to ${room.reference}`);
    await this.must("POST", "/invitations/join", { invitation: mine.id, rules: mine.rules.version });
  }

  /** Posts without the composer. */
  async post(room: Room, message: Record<string, unknown>): Promise<number> {
    return (await this.must<{ seq: number }>("POST", `/rooms/${room.room}/messages`, message)).seq;
  }

  async snapshot(room: Room): Promise<Snapshot> {
    return this.must<Snapshot>("GET", `/rooms/${room.room}`);
  }

  async memberNumber(room: Room, who: Who): Promise<number> {
    const found = (await this.snapshot(room)).state.members.find((m) => m.name === account(who).name && m.state === "joined");
    if (!found) throw new Error(`${who} is not in ${room.reference}`);
    return found.number;
  }

  // ── how it looks ──────────────────────────────────────────────────────────

  /** A screen as it stands: nothing for axe to find (WCAG 2.2 AA), nothing wider than the screen, and a picture of it. */
  async screen(name: string): Promise<void> {
    await this.page.evaluate(() => document.fonts.ready);
    if (!(await this.page.evaluate(() => "axe" in globalThis))) await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(async (options) => (await (Reflect.get(globalThis, "axe") as typeof axe).run(document, options)).violations, judged);
    const told = found.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(" ")} (${n.failureSummary?.replace(/\s+/g, " ") ?? ""})`).join("; ")}`);
    expect.soft(told, `axe on ${name}, ${this.on}`).toEqual([]);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect.soft(wide, `${name} scrolls sideways on a ${this.on}`).toBeLessThanOrEqual(0);
    if (keepScreens) await this.page.screenshot({ path: this.info.outputPath(`${name}-${this.on}.png`), animations: "disabled" });
  }
}

export interface Room {
  readonly room: string;
  readonly reference: string;
}

export interface Snapshot {
  readonly seq: number;
  readonly state: { readonly members: readonly { readonly name: string; readonly number: number; readonly root: number; readonly state: string }[] };
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A fresh idempotency key. */
function ulid(): string {
  let n = (BigInt(Date.now()) << 80n) | BigInt(`0x${[...crypto.getRandomValues(new Uint8Array(10))].map((b) => b.toString(16).padStart(2, "0")).join("")}`);
  let out = "";
  for (let i = 0; i < 26; i++) {
    out = crockford[Number(n & 31n)] + out;
    n >>= 5n;
  }
  return out;
}
