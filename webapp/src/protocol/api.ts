// The REST client: one method per line of the contract. It knows no React and
// keeps no state but its hooks.
import { alertApi } from "./alert";
import { isMatrix, isRotas, isSimulated, type Matrix, type MatrixRow, type Rotas, type Shift, type Simulated, type Simulation } from "./matrix";
import { type BroadcastDraft, type BroadcastPreview, type InvitedRows, isBroadcastPreview, isInvitedRows, isRecipients, type Recipients, type Stage } from "./broadcast";
import type { Post } from "./escalation";
import type { ClockDraft, MinistersDraft } from "./statutory";
import { readAccess, readChart, readDeskRooms, readGaps, readHistory, readKnown, readTimeline, type TimelineQuery } from "./desk";
import {
  type Asked, type ExportDraft, exportGuards, type ExportRow, type Exports, type Redaction, type RedactionPlace, type ReleaseDraft, type Restricted, type Suggestions,
} from "./exports";
import { type ChannelKind, type ContactDraft, type CoverageReport, directoryGuards, type DirectoryFound, type DirectoryQuery, importGuards, type OrgContacts, type OrgImport, type TrustKind } from "./directory";
import { type Ceremony, type ComingIn, fallbackGuards, type Freezes, type Passkey } from "./fallback";
import { parseFragments } from "./fragment";
import { type ExportFormat, type ImportFormat, type ImportPreview, intelGuards, type Indicator, type ItemBody, type ItemDraft, type ReleaseAsk, type ReleaseReply, type SightingDraft, type TearLineDraft } from "./intel";
import { type AlikeRoom, type FiledReport, reportGuards, type ReportDraft, type ReportPage, type RoomLink } from "./reports";
import { parseSnapshot } from "./frame";
import { count, expect, flag, type Guard, isRecord, listOf, maybe, oneOf, shape, text } from "./guard";
import { type NoticeRow, noticeGuards, type Quiet, type Reach, type ReachKind, type WayRow } from "./notices";
import { parseEntryProof, parsePath, parseProofKeys } from "./proof";
import { type ApiError, problemOf, unreachable } from "./problem";
import type {
  AdminIssuer, AdminLogRow, AdminPerson, AdminSession, AdminToken, Deployment, InvitationLook, InvitationName, Invited, JoinAnswer, Link, LinkWanted,
  MessageDraft, NewMember, NewRoom, Opens, OwnContact, OrganisationForm, Organisation, Page, PersonRow, Proposal, Receipt, RoomCreated, Rooms, SearchAllHits, SearchHits, SearchQuery, Session, SessionRow, SignIn, Tightening, Widening, Scan, UploadState, ActionDraft, EscalationDraft, CadenceDraft, MeetingDraft, SitrepDraft, SitrepFix, UpdateDraft, HandoverDraft, Assessing, Board, BoardQuery, BookDraft, DecisionDraft, DecisionTaking, ErasureDraft, LineDraft, Lowering, ProposalDraft, SectionState, Overriding, Preflight, PreflightAsk, NewCell, Promoting, FeedIssued, FeedList, NewFeed,
} from "./rest";
import type {
  Key, Lifecycle, MemberNo, Methane, OrgID, PersonID, Received, Role, RoomID, Seq, SnapshotFrame, BriefLines, FiveLines, Instant, Assignee,
  Deliberation, Noun, SectionVerdict, Tier,
} from "./types";
import { sendFile, type SendFile } from "./sendFile";
import { newKey } from "./ulid";

export interface ApiDeps {
  /** fetch, or what stands in for it in a test. */
  readonly fetch: typeof fetch;
  /** What sends a file and tells how far it has come. */
  readonly send?: SendFile;
  /** Called whenever a request finds that there is no live session (not for step-up). */
  readonly onSignedOut?: (error: ApiError) => void;
}

export type Api = ReturnType<typeof createApi>;

const receipt = shape({ seq: count });
const record = isRecord;
const scan = oneOf("none", "pending", "clean", "found");
const upload = shape({ id: text, name: text, size: count, chunk: count, received: listOf(count), whole: flag, sha256: maybe(text), scan });
const isPreflight = shape({
  head: count, unnamed: flag,
  members: listOf(shape({ number: count, name: text, org: text, orgName: text, role: text, joined10: flag, supplier: flag, gained: flag, already: flag })),
  organisations: listOf(shape({ org: text, orgName: text, supplier: flag, people: count, whole: flag })),
});

export function createApi({ fetch, send = sendFile, onSignedOut }: ApiDeps) {
  async function request(method: string, path: string, body?: unknown, key?: Key, signedOut = onSignedOut, signal: AbortSignal | null = null): Promise<unknown> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const raw = body instanceof ArrayBuffer;
    if (body !== undefined) headers["Content-Type"] = raw ? "application/octet-stream" : "application/json";
    if (key !== undefined) headers["Idempotency-Key"] = key;
    let response: Response;
    try {
      response = await fetch(`/api/v1${path}`, {
        method, headers, credentials: "same-origin", cache: "no-store", redirect: "error",
        ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }), ...(signal ? { signal } : {}),
      });
    } catch {
      throw unreachable();
    }
    let answer: unknown = null;
    try {
      const raw = await response.text();
      if (raw !== "") answer = JSON.parse(raw);
    } catch {
      if (response.ok) throw unreachable(); // cut short on the way: the request may be repeated with its key
    }
    if (response.ok) return answer;
    const problem = problemOf(response.status, answer, response.headers.get("Retry-After"));
    if (problem.fault === "signed_out") signedOut?.(problem);
    throw problem;
  }

  const get = async <T>(path: string, guard: Guard<unknown>): Promise<T> => expect(guard, await request("GET", path), path) as T;
  const post = async <T>(path: string, body: unknown, key: Key, guard: Guard<unknown> = record): Promise<T> =>
    expect(guard, (await request("POST", path, body ?? {}, key)) ?? {}, path) as T;
  /** A command that appends one entry. A passing failure may be repeated by the caller with the same key. */
  const append = (path: string, body: unknown, key: Key = newKey()): Promise<Receipt> => post(path, body, key, receipt);
  /** Does what is answered by nothing but that it was done. */
  const act = async (path: string, body: unknown, key: Key = newKey()): Promise<void> => void (await request("POST", path, body, key));
  const put = async (path: string, body: unknown): Promise<void> => void (await request("PUT", path, body, newKey()));
  const remove = async (path: string): Promise<void> => void (await request("DELETE", path));
  const at = (room: RoomID, ...rest: readonly (string | number)[]): string =>
    ["/rooms", encodeURIComponent(room), ...rest.map((r) => encodeURIComponent(r))].join("/");
  const entries = (v: unknown): readonly Received[] => parseFragments(expect(record, v, "entries")["entries"]);
  const page = (v: unknown): Page => {
    const p = expect(shape({ head: count, size: count }), v, "page");
    const parts = v as { entries?: unknown; related?: unknown };
    return { entries: parseFragments(parts.entries ?? []), related: parseFragments(parts.related ?? []), head: p.head, size: p.size };
  };
  const board = (v: unknown): Board => {
    const b = expect(shape({ roots: listOf(count), more: flag, head: count }), v, "board");
    return { ...b, entries: entries(v) };
  };
  const withEntries = (v: unknown) =>
    (expect(listOf(record), expect(record, v, "hits")["hits"] ?? [], "hits") as readonly { seq: Seq }[])
      .map((h) => ({ ...h, entries: entries(h) }));

  return {
    request,

    // without a sign-in service
    passkeys: async () => (await get<{ passkeys: readonly Passkey[] }>("/passkeys", fallbackGuards.passkeys)).passkeys,
    beginPasskey: () => post<Ceremony>("/passkeys/begin", {}, newKey(), fallbackGuards.ceremony),
    enrolPasskey: (state: string, answer: string, name: string, key: Key = newKey()) => post<unknown>("/passkeys", { state, answer, name }, key),
    removePasskey: (n: number) => remove(`/passkeys/${n}`),
    beginStepUp: () => post<Ceremony>("/passkeys/step-up/begin", {}, newKey(), fallbackGuards.ceremony),
    stepUp: async (state: string, answer: string) => void (await request("POST", "/passkeys/step-up", { state, answer }, newKey())),
    beginPasskeySignIn: () => post<Ceremony>("/sign-in/passkey/begin", {}, newKey(), fallbackGuards.ceremony),
    passkeySignIn: async (state: string, answer: string) => void (await request("POST", "/sign-in/passkey", { state, answer }, newKey())),
    askCodes: async (org: string, to: string) => (await post<{ request: string }>("/sign-in/codes", { org, to }, newKey(), fallbackGuards.asked)).request,
    firstCode: async (wanted: string, code: string) => void (await request("POST", "/sign-in/codes/first", { request: wanted, code }, newKey())),
    secondCode: async (wanted: string, code: string) => void (await request("POST", "/sign-in/codes/second", { request: wanted, code }, newKey())),
    comingIn: () => get<ComingIn>("/coming-in", fallbackGuards.coming),
    approveComing: (id: string, reason: string, key: Key = newKey()) => post<{ code: string; until: Instant }>(`/coming-in/${encodeURIComponent(id)}/approve`, reason === "" ? {} : { reason }, key, fallbackGuards.approved),
    refuseComing: async (id: string, key: Key = newKey()) => void (await request("POST", `/coming-in/${encodeURIComponent(id)}/refuse`, {}, key)),
    freezes: (code = "") => get<Freezes>(`/freezes${code === "" ? "" : `?code=${encodeURIComponent(code)}`}`, fallbackGuards.freezes),
    freeze: (code: OrgID, reason: string, key: Key = newKey()) => append(`/organisations/${encodeURIComponent(code)}/freeze`, { reason }, key),
    readmit: (code: OrgID, person: PersonID, how: string, key: Key = newKey()) => append(`/organisations/${encodeURIComponent(code)}/readmit`, { person, how }, key),
    unfreeze: (code: OrgID, reason: string, key: Key = newKey()) => append(`/organisations/${encodeURIComponent(code)}/unfreeze`, { reason }, key),
    removePersonsPasskey: async (person: PersonID, number: number, key: Key = newKey()) => void (await request("POST", `/people/${encodeURIComponent(person)}/passkeys/remove`, { number }, key)),
    byCodes: async (room: RoomID) => (await get<{ members: readonly { member: MemberNo; until: Instant }[] }>(at(room, "by-codes"), fallbackGuards.byCodes)).members,

    // signing in
    signIn: () => get<SignIn>("/sign-in", shape({ issuers: listOf(record), duty: text, deployment: text, development: flag, signedIn: flag })),
    session: () => get<Session>("/session", shape({ person: shape({ id: text, name: text }), session: text })),
    signOut: () => remove("/session"),
    /** Ends what this session may show, as half an hour without use does: only signing in again opens it. */
    lock: async () => void (await request("POST", "/session/lock", {}, newKey(), () => undefined)),
    /** Says that the person is here. What a page asks by itself does not count as use. */
    active: async () => void (await request("POST", "/session/activity", {}, newKey())),
    sessions: async () => (await get<{ sessions: readonly SessionRow[] }>("/sessions", shape({ sessions: listOf(record) }))).sessions,
    endSession: (id: string) => remove(`/sessions/${encodeURIComponent(id)}`),
    ticket: async () => (await post<{ ticket: string }>("/stream/ticket", {}, newKey(), shape({ ticket: text }))).ticket,

    // rooms
    rooms: () => get<Rooms>("/rooms", shape({ rooms: listOf(record), invitations: listOf(record) })),
    openNewRoom: (room: NewRoom, key: Key = newKey()) =>
      post<RoomCreated>("/rooms", room, key, shape({ room: text, reference: text, seq: count })),
    snapshot: async (room: RoomID): Promise<SnapshotFrame> => {
      const v = await request("GET", at(room));
      return parseSnapshot({ room, ...(isRecord(v) ? v : {}) });
    },
    title: (room: RoomID, title: string, key?: Key) => append(at(room, "title"), { title }, key),
    lifecycle: (room: RoomID, to: Lifecycle, seen: Seq, key?: Key) => append(at(room, "lifecycle"), { to, seen }, key),
    reopen: (room: RoomID, key?: Key) => append(at(room, "reopen"), {}, key),
    section: (room: RoomID) => get<SectionState>(at(room, "section"), shape({ state: oneOf("ok", "behind", "different"), at: maybe(text), size: maybe(count), held: maybe(count), next: maybe(text) })),
    continueRoom: async (room: RoomID, key: Key = newKey()) => (await post<{ room: RoomID }>(at(room, "continue"), {}, key, shape({ room: text }))).room,
    openCell: (room: RoomID, cell: NewCell, key: Key = newKey()): Promise<RoomCreated> => post(at(room, "cells"), cell, key, shape({ room: text, reference: text, seq: count })),
    seat: (room: RoomID, member: MemberNo, key?: Key) => append(at(room, "seats"), { member }, key),
    askPromotion: (room: RoomID, what: Promoting, key?: Key) => append(at(room, "promotions"), what, key),
    answerPromotion: (room: RoomID, ask: Seq, entry: Seq, grant: boolean, key?: Key) => append(at(room, "promotions", ask, "answer"), { entry, grant }, key),
    judgeSection: (room: RoomID, verdict: SectionVerdict, seen: Seq, key?: Key) => append(at(room, "judge-section"), { verdict, seen }, key),
    // exports for inquiry
    exports: (room: RoomID) => get<Exports>(at(room, "exports"), exportGuards.list),
    export: async (room: RoomID, seq: Seq) => (await get<{ export: ExportRow }>(at(room, "exports", seq), exportGuards.one)).export,
    exportRestricted: (room: RoomID, seq: Seq, after: Seq) => get<Restricted>(`${at(room, "exports", seq, "restricted")}?after=${after}&limit=200`, exportGuards.restricted),
    exportSuggestions: (room: RoomID, seq: Seq, after: Seq) => get<Suggestions>(`${at(room, "exports", seq, "suggestions")}?after=${after}&limit=200`, exportGuards.suggestions),
    askedOfMine: async (room: RoomID): Promise<Asked> => {
      const a = await get<Asked>(`${at(room, "exports", "asked")}?limit=200`, exportGuards.asked);
      return { ...a, entries: entries(a) };
    },
    requestExport: (room: RoomID, draft: ExportDraft, key?: Key) => append(at(room, "exports"), draft, key),
    agreeExport: (room: RoomID, seq: Seq, seen: Seq, key?: Key) => append(at(room, "exports", seq, "agree"), { seen }, key),
    refuseExport: (room: RoomID, seq: Seq, reason: string, seen: Seq, key?: Key) => append(at(room, "exports", seq, "refuse"), { reason, seen }, key),
    withdrawExport: (room: RoomID, seq: Seq, reason: string, seen: Seq, key?: Key) => append(at(room, "exports", seq, "withdraw"), { reason, seen }, key),
    redactExport: (room: RoomID, seq: Seq, redactions: readonly Redaction[], drop: readonly RedactionPlace[], seen: Seq, key?: Key) =>
      append(at(room, "exports", seq, "redact"), { redactions, drop, seen }, key),
    answerExport: (room: RoomID, seq: Seq, answer: ReleaseDraft, seen: Seq, key?: Key) => append(at(room, "exports", seq, "answer"), { ...answer, seen }, key),
    approveExport: (room: RoomID, seq: Seq, seen: Seq, key?: Key) => append(at(room, "exports", seq, "approve"), { seen }, key),
    /** The bundle, whole: a download that was cut short is refused. */
    takeExport: async (room: RoomID, seq: Seq, key: Key = newKey()): Promise<{ file: Blob; sha256: string }> => {
      let response: Response;
      try {
        response = await fetch(`/api/v1${at(room, "exports", seq, "take")}`, {
          method: "POST", headers: { Accept: "application/x-tar, application/json", "Content-Type": "application/json", "Idempotency-Key": key },
          credentials: "same-origin", cache: "no-store", redirect: "error", body: "{}",
        });
        if (response.ok) {
          const file = await response.blob();
          const length = Number(response.headers.get("Content-Length") ?? Number.NaN);
          if (Number.isFinite(length) && length !== file.size) throw unreachable();
          return { file, sha256: response.headers.get("X-Content-SHA256") ?? "" };
        }
      } catch {
        throw unreachable();
      }
      const problem = problemOf(response.status, await response.json().catch(() => null), response.headers.get("Retry-After"));
      if (problem.fault === "signed_out") onSignedOut?.(problem);
      throw problem;
    },

    brief: (room: RoomID, lines: BriefLines, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "brief"), { lines, seen, ...by }, key),
    rules: (room: RoomID, lines: FiveLines, key?: Key) => append(at(room, "rules"), { lines }, key),
    report: (room: RoomID, report: Methane, by: Overriding = {}, key?: Key) => append(at(room, "report"), { report, ...by }, key),
    clock: (room: RoomID, clock: { paused: boolean; factor: number; at?: Instant }, key?: Key) => append(at(room, "clock"), clock, key),

    // entries
    page: async (room: RoomID, where: { before: Seq } | { after: Seq } | { around: Seq }, limit: number, record = false): Promise<Page> =>
      page(await request("GET", `${at(room, "entries")}?${new URLSearchParams({ ...strings(where), limit: String(limit), ...(record ? { record: "true" } : {}) })}`)),
    entryAt: async (room: RoomID, time: Instant) =>
      (await get<Receipt>(`${at(room, "entries", "at")}?${new URLSearchParams({ time })}`, receipt)).seq,
    entry: async (room: RoomID, seq: Seq) => entries(await request("GET", at(room, "entries", seq))),
    proof: async (room: RoomID, seq: Seq) => parseEntryProof(await request("GET", at(room, "entries", seq, "proof"))),
    consistency: async (room: RoomID, from: number, to: number) =>
      parsePath(await request("GET", `${at(room, "consistency")}?${new URLSearchParams({ from: String(from), to: String(to) })}`)),
    proofKeys: async () => parseProofKeys(await request("GET", "/proof/keys")),
    open: async (room: RoomID, seq: Seq, key: Key = newKey()) => entries(await request("POST", at(room, "entries", seq, "open"), {}, key)),
    opens: (room: RoomID, seq: Seq) => get<Opens>(at(room, "entries", seq, "opens"), shape({ opens: listOf(record), notYet: listOf(count) })),
    // machines
    feeds: (room: RoomID) => get<FeedList>(at(room, "feeds"), shape({ root: text, feeds: listOf(shape({ seq: count, name: text, org: text, orgName: text, by: count, issued: text, expires: text, why: maybe(text), asked: maybe(text), given: maybe(text), items: count })) })),
    openFeed: (room: RoomID, feed: NewFeed, key: Key = newKey()) => post<FeedIssued>(at(room, "feeds"), feed, key, shape({ seq: count, token: text, root: text })),
    closeFeed: (room: RoomID, seq: Seq, key?: Key) => append(at(room, "feeds", seq, "close"), {}, key),
    /** Who would receive it. */
    preflight: (room: RoomID, ask: PreflightAsk) => post<Preflight>(at(room, "preflight"), ask, newKey(), isPreflight),
    post: (room: RoomID, { attachments, ...message }: MessageDraft, key: Key) => append(at(room, "messages"), { ...message, ...(attachments ? { attachments: attachments.map((a) => a.id) } : {}) }, key),

    // files
    beginUpload: async (room: RoomID, name: string, size: number) => expect(upload, await request("POST", at(room, "uploads"), { name, size }), "upload") as UploadState,
    putChunk: async (room: RoomID, id: string, n: number, part: ArrayBuffer, signal: AbortSignal) => expect(upload, await request("PUT", at(room, "uploads", id, "chunks", n), part, undefined, onSignedOut, signal), "upload") as UploadState,
    upload: (room: RoomID, id: string) => get<UploadState>(at(room, "uploads", id), upload),
    dropUpload: (room: RoomID, id: string) => remove(at(room, "uploads", id)),
    /** What the scanner says of an entry's attachments, in their order; refused as taking them is. */
    scans: async (room: RoomID, seq: Seq) => (await get<{ files: readonly { scan: Scan }[] }>(at(room, "entries", seq, "files"), shape({ files: listOf(shape({ scan })) }))).files.map((f) => f.scan),
    /** Where an attachment is taken from; n is 1 for the first. */
    filePath: (room: RoomID, seq: Seq, n: number) => `/api/v1${at(room, "entries", seq, "files", n)}`,
    correct: (room: RoomID, seq: Seq, text: string, mentions: readonly MemberNo[], by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", seq, "correct"), { text, mentions, ...by }, key),
    // intelligence
    publishItem: (room: RoomID, item: ItemDraft, key: Key = newKey()) => post<Receipt & { tear?: Seq }>(at(room, "items"), item, key, intelGuards.published),
    correctItem: (room: RoomID, seq: Seq, item: ItemBody & Overriding, key?: Key) => append(at(room, "items", seq, "correct"), item, key),
    mergeItem: (room: RoomID, seq: Seq, other: Seq, key?: Key) => append(at(room, "items", seq, "merge"), { other }, key),
    addTearLine: (room: RoomID, seq: Seq, tear: TearLineDraft & Overriding, key?: Key) => append(at(room, "items", seq, "tearline"), tear, key),
    markSighting: (room: RoomID, seq: Seq, s: SightingDraft, key?: Key) => append(at(room, "items", seq, "sightings"), s, key),
    recall: (room: RoomID, seq: Seq, reason: string, by: Overriding = {}, key?: Key) => append(at(room, "entries", seq, "recall"), { reason, ...by }, key),
    askRelease: (room: RoomID, seq: Seq, r: ReleaseAsk, key?: Key) => append(at(room, "entries", seq, "release"), r, key),
    answerRelease: (room: RoomID, root: Seq, r: ReleaseReply, key?: Key) => append(at(room, "releases", root, "answer"), r, key),
    extract: async (room: RoomID, words: string) =>
      expect(intelGuards.extracted, await request("POST", at(room, "intel", "extract"), { text: words }, newKey()), "indicators").indicators as readonly Indicator[],
    /** What a file would become, and how far it has been sent meanwhile. */
    previewImport: async (room: RoomID, file: Blob, format: ImportFormat, onProgress: (part: number) => void): Promise<ImportPreview> => {
      const path = `/api/v1${at(room, "intel", "preview")}?format=${format}`;
      const sent = await send(path, file, { Accept: "application/json", "Content-Type": "application/octet-stream", "Idempotency-Key": newKey() }, onProgress).catch(() => {
        throw unreachable();
      });
      let answer: unknown = null;
      try {
        answer = JSON.parse(sent.text);
      } catch {
        if (sent.status < 300) throw unreachable();
      }
      if (sent.status < 300) return expect(intelGuards.preview, answer, "preview") as ImportPreview;
      const problem = problemOf(sent.status, answer, sent.retryAfter);
      if (problem.fault === "signed_out") onSignedOut?.(problem);
      throw problem;
    },
    /** A file of what may be taken out of the room; that it was taken is recorded first. Without entries, of everything that may. */
    exportIntel: async (room: RoomID, format: ExportFormat, which: readonly Seq[], key: Key = newKey()): Promise<{ file: Blob; name: string }> => {
      let response: Response;
      try {
        response = await fetch(`/api/v1${at(room, "intel", "export")}`, {
          method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": key }, credentials: "same-origin", cache: "no-store", redirect: "error",
          body: JSON.stringify({ format, ...(which.length > 0 ? { entries: which } : {}) }),
        });
        if (response.ok) {
          const name = /filename="([^"/\\]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
          return { file: await response.blob(), name: name ?? `intelligence.${format}` };
        }
      } catch {
        throw unreachable();
      }
      const problem = problemOf(response.status, await response.json().catch(() => null), response.headers.get("Retry-After"));
      if (problem.fault === "signed_out") onSignedOut?.(problem);
      throw problem;
    },
    note: (room: RoomID, seq: Seq, key?: Key) => append(at(room, "entries", seq, "note"), {}, key),
    pin: (room: RoomID, seq: Seq, key?: Key) => append(at(room, "entries", seq, "pin"), {}, key),
    unpin: (room: RoomID, seq: Seq, key?: Key) => append(at(room, "entries", seq, "unpin"), {}, key),
    tighten: (room: RoomID, seq: Seq, to: Tightening, key?: Key) => append(at(room, "entries", seq, "tighten"), to, key),
    widen: (room: RoomID, seq: Seq, to: Widening, key?: Key) => append(at(room, "entries", seq, "widen"), to, key),
    withhold: (room: RoomID, seq: Seq, key?: Key) => append(at(room, "entries", seq, "withhold"), {}, key),
    restore: (room: RoomID, seq: Seq, key?: Key) => append(at(room, "entries", seq, "restore"), {}, key),
    read: async (room: RoomID, seq: Seq) => void (await request("POST", at(room, "read"), { seq }, newKey())),
    mute: (room: RoomID, muted: boolean) => put(at(room, "mute"), { muted }),
    draftKey: async (room: RoomID) => (await get<{ key: string }>(at(room, "draft-key"), shape({ key: text }))).key,
    ownDraftKey: async () => (await get<{ key: string }>("/session/draft-key", shape({ key: text }))).key,
    search: async (room: RoomID, query: SearchQuery): Promise<SearchHits> => {
      const v = await request("POST", at(room, "search"), query, newKey());
      const r = expect(record, v, "search") as { scanned?: number; next?: Seq | null };
      return { hits: withEntries(v), scanned: r.scanned ?? 0, next: r.next ?? null };
    },
    searchAll: async (query: SearchQuery): Promise<SearchAllHits> => {
      const v = await request("POST", "/search", query, newKey());
      const r = expect(record, v, "search") as { next?: string | null };
      return { hits: withEntries(v) as unknown as SearchAllHits["hits"], next: r.next ?? null };
    },

    // the record
    board: async (room: RoomID, noun: Noun, query: BoardQuery): Promise<Board> =>
      board(await request("GET", `${at(room, "record", noun)}?${new URLSearchParams(strings(query))}`)),
    /** What a handover of the post is drafted of: what the asker may see of it. */
    draftHandover: async (room: RoomID, post: Post): Promise<Board & { readonly since: Seq }> => {
      const v = await request("GET", `${at(room, "handover", "draft")}?post=${post}`);
      return { ...board(v), since: expect(shape({ since: count }), v, "draft").since };
    },
    needs: async (room: RoomID): Promise<Board> => board(await request("GET", at(room, "needs"))),
    assess: (room: RoomID, a: Assessing, key?: Key) => append(at(room, "severity"), a, key),
    askLowering: (room: RoomID, l: Lowering, key?: Key) => append(at(room, "severity", "lowering"), l, key),
    agreeLowering: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "entries", root, "agree-lowering"), { seen }, key),
    refuseLowering: (room: RoomID, root: Seq, reason: string, seen: Seq, key?: Key) =>
      append(at(room, "entries", root, "refuse-lowering"), { ...(reason === "" ? {} : { reason }), seen }, key),
    dropLowering: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "entries", root, "drop-lowering"), { seen }, key),
    setRetention: (room: RoomID, years: number, key?: Key) => append(at(room, "retention"), { years }, key),
    placeHold: (room: RoomID, reference: string, reason: string, key?: Key) => append(at(room, "holds"), { reference, reason }, key),
    liftHold: (room: RoomID, root: Seq, reason: string, key?: Key) => append(at(room, "holds", root, "lift"), { reason }, key),
    askErasure: (room: RoomID, e: ErasureDraft, key?: Key) => append(at(room, "erasures"), e, key),
    agreeErasure: (room: RoomID, root: Seq, key?: Key) => append(at(room, "erasures", root, "agree"), {}, key),
    refuseErasure: (room: RoomID, root: Seq, reason: string, key?: Key) => append(at(room, "erasures", root, "refuse"), { reason }, key),
    dropErasure: (room: RoomID, root: Seq, key?: Key) => append(at(room, "erasures", root, "drop"), {}, key),
    tier: (room: RoomID, root: Seq, tier: Tier, key?: Key) => append(at(room, "members", root, "tier"), { tier }, key),
    recordDecision: (room: RoomID, d: DecisionDraft, key?: Key) => append(at(room, "decisions"), d, key),
    proposeDecision: (room: RoomID, d: ProposalDraft, key?: Key) => append(at(room, "decisions", "proposals"), d, key),
    takeDecision: (room: RoomID, root: Seq, d: DecisionTaking, key?: Key) => append(at(room, "entries", root, "take"), d, key),
    addToDecision: (room: RoomID, root: Seq, deliberation: Deliberation, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "add-to-decision"), { deliberation, ...by }, key),
    confirmDecision: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "entries", root, "confirm"), { seen }, key),
    disputeDecision: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "dispute"), { reason, seen, ...by }, key),
    reviewDecision: (room: RoomID, root: Seq, finding: string, review: Instant | null, seen: Seq, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "review"), { finding, ...(review === null ? {} : { review }), seen, ...by }, key),
    raiseAction: (room: RoomID, a: ActionDraft, key?: Key) => append(at(room, "actions"), a, key),
    acceptAction: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "entries", root, "accept"), { seen }, key),
    declineAction: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "decline"), { reason, seen, ...by }, key),
    finishAction: (room: RoomID, root: Seq, evidence: string, cites: readonly Seq[], seen: Seq, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "done"), { evidence, ...(cites.length > 0 ? { cites } : {}), seen, ...by }, key),
    handAction: (room: RoomID, root: Seq, to: Assignee, reason: string, seen: Seq, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "hand"), { for: to, reason, seen, ...by }, key),
    chaseAction: (room: RoomID, root: Seq, words: string, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "chase"), { ...(words === "" ? {} : { text: words }), ...by }, key),
    withdrawAction: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "withdraw-action"), { reason, seen, ...by }, key),
    setCadence: (room: RoomID, c: CadenceDraft, seen: Seq, key?: Key) => append(at(room, "cadence"), { ...c, seen }, key),
    holdMeeting: (room: RoomID, m: MeetingDraft, key?: Key) => append(at(room, "meetings"), m, key),
    putOffMeeting: (room: RoomID, until: Instant, reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "meetings", "put-off"), { until, reason, seen, ...by }, key),
    fileSitrep: (room: RoomID, s: SitrepDraft, key?: Key) => append(at(room, "sitreps"), s, key),
    correctSitrep: (room: RoomID, root: Seq, s: SitrepFix, key?: Key) => append(at(room, "entries", root, "correct-sitrep"), s, key),
    giveUpdate: (room: RoomID, u: UpdateDraft, key?: Key) => append(at(room, "updates"), u, key),
    snoozeUpdate: (room: RoomID, minutes: number, seen: Seq, key?: Key) => append(at(room, "updates", "snooze"), { minutes, seen }, key),
    requestUpdate: (room: RoomID, words: string, by: Overriding = {}, key?: Key) => append(at(room, "updates", "request"), { ...(words === "" ? {} : { text: words }), ...by }, key),
    signHandover: (room: RoomID, h: HandoverDraft, key?: Key) => append(at(room, "handovers"), h, key),
    acceptHandover: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "handovers", root, "accept"), { seen }, key),
    declineHandover: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "handovers", root, "decline"), { reason, seen, ...by }, key),
    withdrawHandover: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "handovers", root, "withdraw"), { reason, seen, ...by }, key),
    escalate: (room: RoomID, e: EscalationDraft, key?: Key) => append(at(room, "escalations"), e, key),
    acceptEscalation: (room: RoomID, root: Seq, rationale: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "escalations", root, "accept"), { rationale, seen, ...by }, key),
    refuseEscalation: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "escalations", root, "refuse"), { reason, seen, ...by }, key),
    withdrawEscalation: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "escalations", root, "withdraw"), { reason, seen, ...by }, key),
    actEscalation: (room: RoomID, root: Seq, because: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "escalations", root, "act"), { because, seen, ...by }, key),
    standDownEscalation: (room: RoomID, root: Seq, reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "escalations", root, "stand-down"), { reason, seen, ...by }, key),
    startClock: (room: RoomID, c: ClockDraft, key?: Key) => append(at(room, "clocks"), c, key),
    onClock: (room: RoomID, root: Seq, act: "correct" | "hand" | "evidence" | "withdraw" | "chase", said: object, key?: Key) => append(at(room, "clocks", root, act), said, key),
    briefMinisters: (room: RoomID, m: MinistersDraft, key?: Key) => append(at(room, "ministers"), m, key),
    assignPost: (room: RoomID, post: Post, member: MemberNo, deputy: MemberNo, key?: Key) => append(at(room, "posts"), { post, member, ...(deputy ? { deputy } : {}) }, key),
    assumePost: (room: RoomID, post: Post, reason: string, by: Overriding = {}, key?: Key) => append(at(room, "posts", "assume"), { post, reason, ...by }, key),
    acknowledgePost: (room: RoomID, root: Seq, key?: Key) => append(at(room, "posts", root, "acknowledge"), {}, key),
    releasePost: (room: RoomID, root: Seq, key?: Key) => append(at(room, "posts", root, "release"), {}, key),
    previewBroadcast: async (room: RoomID, b: BroadcastDraft) => expect(isBroadcastPreview, await request("POST", at(room, "broadcasts", "preview"), b), "preview") as BroadcastPreview,
    askBroadcast: (room: RoomID, b: BroadcastDraft, key?: Key) => append(at(room, "broadcasts"), b, key),
    approveBroadcast: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "broadcasts", root, "approve"), { seen }, key),
    endBroadcast: (room: RoomID, root: Seq, how: "send-alone" | "refuse" | "withdraw" | "stop", reason: string, seen: Seq, by: Overriding = {}, key?: Key) => append(at(room, "broadcasts", root, how), { reason, seen, ...by }, key),
    recipients: (room: RoomID, root: Seq, states: readonly Stage[], after: string) =>
      get<Recipients>(`${at(room, "broadcasts", root, "recipients")}?${new URLSearchParams({ ...(states.length > 0 ? { state: states.join() } : {}), ...(after === "" ? {} : { after }) }).toString()}`, isRecipients),
    invitedBy: (room: RoomID, root: Seq) => get<InvitedRows>(at(room, "broadcasts", root, "invitations"), isInvitedRows),
    inviteAgain: async (room: RoomID, root: Seq, invitation: Seq): Promise<void> => void (await request("POST", at(room, "broadcasts", root, "invitations", invitation, "again"), {})),
    retryMessage: async (room: RoomID, root: Seq, id: string): Promise<void> => void (await request("POST", at(room, "broadcasts", root, "messages", id, "retry"), {})),
    matrix: () => get<Matrix>("/deployment/matrix", isMatrix),
    setMatrix: (rows: readonly MatrixRow[], seen: number) => put("/deployment/matrix", { rows, seen }),
    simulate: async (s: Simulation) => expect(isSimulated, await request("POST", "/deployment/matrix/simulate", s), "simulation") as Simulated,
    rotas: () => get<Rotas>("/deployment/rotas", isRotas),
    setRota: (org: OrgID, tier: Tier, version: number, shifts: readonly Shift[]) => put(`/deployment/rotas/${encodeURIComponent(org)}/${tier}`, { version, shifts }),
    openBook: (room: RoomID, b: BookDraft, key?: Key) => append(at(room, "books"), b, key),
    agreeBook: (room: RoomID, root: Seq, key?: Key) => append(at(room, "entries", root, "agree-book"), {}, key),
    closeBook: (room: RoomID, root: Seq, seen: Seq, key?: Key) => append(at(room, "entries", root, "close-book"), { seen }, key),
    writeLine: (room: RoomID, book: Seq, line: LineDraft, key?: Key) => append(at(room, "books", book, "lines"), line, key),
    correctLine: (room: RoomID, root: Seq, words: string, reason: string, by: Overriding = {}, key?: Key) =>
      append(at(room, "entries", root, "correct-line"), { text: words, ...(reason === "" ? {} : { reason }), ...by }, key),

    // members
    invite: (room: RoomID, member: NewMember, key: Key = newKey()) => post<Invited>(at(room, "members"), member, key, receipt),
    propose: (room: RoomID, proposal: Proposal, key?: Key) => append(at(room, "proposals"), proposal, key),
    admit: (room: RoomID, root: Seq, key: Key = newKey()) => post<Invited>(at(room, "members", root, "admit"), {}, key, receipt),
    decline: (room: RoomID, root: Seq, key?: Key) => append(at(room, "members", root, "decline"), {}, key),
    vouch: (room: RoomID, root: Seq, key?: Key) => append(at(room, "members", root, "vouch"), {}, key),
    withdraw: (room: RoomID, root: Seq, key?: Key) => append(at(room, "members", root, "withdraw"), {}, key),
    removeMember: (room: RoomID, root: Seq, reason: string, key?: Key) =>
      append(at(room, "members", root, "remove"), reason === "" ? {} : { reason }, key),
    role: (room: RoomID, root: Seq, role: Role, key?: Key) => append(at(room, "members", root, "role"), { role }, key),
    grant: (room: RoomID, root: Seq, start: Seq, key?: Key) => append(at(room, "members", root, "grant"), { start }, key),
    linksWanted: async (room: RoomID) =>
      (await get<{ wanted: readonly LinkWanted[] }>(at(room, "links-wanted"), shape({ wanted: listOf(shape({ root: count, at: text })) }))).wanted,
    newLink: (room: RoomID, root: Seq, key: Key = newKey()) => post<Link>(at(room, "members", root, "link"), {}, key),
    /** How to ring somebody; "" if no number is known. For those who run the room. */
    phoneOf: async (room: RoomID, root: Seq) => (await get<{ phone: string }>(at(room, "members", root, "contact"), shape({ phone: text }))).phone,
    // messages to people outside the application
    reach: () => get<Reach>("/me/reach", noticeGuards.reach),
    setReach: (kind: ReachKind, value: string) => put(`/me/reach/${kind}`, { value }),
    verifyReach: (kind: ReachKind, code: string) => post<Reach>(`/me/reach/${kind}/code`, { code }, newKey(), noticeGuards.reach),
    forgetReach: (kind: ReachKind) => remove(`/me/reach/${kind}`),
    setQuiet: (quiet: Quiet | null) => put("/me/quiet", quiet === null ? {} : { quiet }),
    acknowledge: async (code: string) => (await post<{ said: string }>("/ack", { code }, newKey(), noticeGuards.said)).said,
    notices: async (room: RoomID, seq: Seq) => (await get<{ notices: readonly NoticeRow[] }>(at(room, "entries", seq, "notices"), noticeGuards.notices)).notices,
    sendAgain: async (room: RoomID, seq: Seq, id: string) => void (await request("POST", at(room, "entries", seq, "notices", id, "again"), {}, newKey())),
    /** For the hosts; as an administrator, for those. */
    ways: async (as: "host" | "admin") => (await get<{ ways: readonly WayRow[] }>(as === "host" ? "/notices/ways" : "/admin/notices/ways", noticeGuards.ways)).ways,
    ownContact: () => get<OwnContact>("/contact", shape({ phone: text, rooms: count })),
    setOwnContact: (phone: string) => put("/contact", { phone }),
    accept: (room: RoomID, rules: number, key?: Key) => append(at(room, "accept"), { rules }, key),
    leave: (room: RoomID, key?: Key) => append(at(room, "leave"), {}, key),
    lookAtInvitation: (name: InvitationName) => post<InvitationLook>("/invitations/look", name, newKey(), shape({ invitation: text, state: text, tied: flag })),
    join: (name: InvitationName, rules: number, otp?: string, key: Key = newKey()) =>
      post<JoinAnswer>("/invitations/join", { ...name, rules, ...(otp === undefined ? {} : { otp }) }, key),
    askForLink: async (name: InvitationName) => void (await request("POST", "/invitations/ask", name, newKey())),

    // directory
    organisations: async (query: { q: string } | { codes: readonly OrgID[] }) =>
      (await get<{ organisations: readonly Organisation[] }>(
        `/organisations?${new URLSearchParams("q" in query ? { q: query.q } : { codes: query.codes.join(",") })}`,
        shape({ organisations: listOf(record) }),
      )).organisations,
    peopleOf: async (org: OrgID) =>
      (await get<{ people: readonly PersonRow[] }>(`/organisations/${encodeURIComponent(org)}/people`, shape({ people: listOf(record) }))).people,

    // the auditor's desk
    desk: {
      rooms: async () => readDeskRooms(await request("GET", "/desk/rooms")),
      timeline: async (q: TimelineQuery, cursor: string | null) => {
        const p = new URLSearchParams();
        for (const r of q.rooms) p.append("room", r);
        for (const k of q.kinds) p.append("kind", k);
        for (const [name, v] of Object.entries({ person: q.person, org: q.org, tlp: q.tlp, from: q.from, to: q.to, cursor })) if (v !== null && v !== "") p.set(name, v);
        p.set("by", q.by);
        p.set("order", q.order);
        return readTimeline(await request("GET", `/desk/timeline?${p}`));
      },
      history: async (room: RoomID, entry: Seq) => readHistory(await request("GET", `/desk/history?${new URLSearchParams(strings({ room, entry }))}`)),
      known: async (room: RoomID, member: MemberNo, moment: { time: Instant } | { entry: Seq }, before: Seq | null) =>
        readKnown(await request("GET", `/desk/known?${new URLSearchParams(strings({ room, member, ...moment, ...(before === null ? {} : { before }) }))}`)),
      access: async (room: RoomID, before: Seq | null) => readAccess(await request("GET", `/desk/access?${new URLSearchParams(strings({ room, ...(before === null ? {} : { before }) }))}`)),
      gaps: async (rooms: readonly RoomID[]) => readGaps(await request("GET", `/desk/gaps?${new URLSearchParams(rooms.map((r) => ["room", r]))}`)),
      chart: async (room: RoomID) => readChart(await request("GET", `/desk/chart?${new URLSearchParams({ room })}`)),
    },

    // administration
    // how organisations are reached
    alerts: alertApi(get, post),

    reports: {
      file: (org: OrgID, report: ReportDraft, key: Key = newKey()) => post<{ id: string; reference: string }>(`/organisations/${encodeURIComponent(org)}/reports`, report, key, reportGuards.filed),
      list: (state: "open" | "closed" | "mine", before = "") => get<ReportPage>(`${state === "mine" ? "/my-reports" : "/reports"}?${new URLSearchParams({ ...(state === "mine" ? {} : { state }), ...(before === "" ? {} : { before }) })}`, reportGuards.page),
      one: (id: string) => get<FiledReport>(`/reports/${encodeURIComponent(id)}`, reportGuards.one),
      note: (id: string, key: Key = newKey()) => post<FiledReport>(`/reports/${encodeURIComponent(id)}/note`, {}, key, reportGuards.one),
      answer: (id: string, words: string, key: Key = newKey()) => post<FiledReport>(`/reports/${encodeURIComponent(id)}/answer`, { text: words }, key, reportGuards.one),
      close: (id: string, reason: string, key: Key = newKey()) => post<FiledReport>(`/reports/${encodeURIComponent(id)}/close`, { reason }, key, reportGuards.one),
      /** Whom to ring. That it was shown becomes an entry of the system log. */
      call: (id: string, key: Key = newKey()) => post<{ name: string; phone: string }>(`/reports/${encodeURIComponent(id)}/call`, {}, key, reportGuards.called),
      bring: (room: RoomID, report: string, key?: Key) => append(at(room, "reports"), { report }, key),
      /** Rooms of mine about the same organisations, before another is opened. */
      alike: async (of: { report?: string; exact?: string }) => (await post<{ rooms: readonly AlikeRoom[] }>("/reports/alike", of, newKey(), reportGuards.alike)).rooms,
    },
    links: async (room: RoomID) => (await get<{ links: readonly RoomLink[] }>(at(room, "links"), reportGuards.links)).links,
    link: (room: RoomID, to: RoomID, key?: Key) => append(at(room, "links"), { room: to }, key),
    unlink: (room: RoomID, root: Seq, key?: Key) => append(at(room, "links", root, "remove"), {}, key),
    directory: {
      find: (q: DirectoryQuery) => get<DirectoryFound>(`/directory?${new URLSearchParams(Object.entries(q).filter(([, v]) => v !== ""))}`, directoryGuards.found),
      coverage: () => get<CoverageReport>("/directory/coverage", directoryGuards.coverage),
      contacts: (org: OrgID) => get<OrgContacts>(ofOrg(org), directoryGuards.list),
      people: async (org: OrgID) => (await get<{ people: readonly PersonRow[] }>(`/organisations/${encodeURIComponent(org)}/people`, shape({ people: listOf(record) }))).people,
      name: (org: OrgID, person: PersonID, named: boolean) => append(`/directory/${encodeURIComponent(org)}/administrators`, { person, named }),
      add: (org: OrgID, contact: ContactDraft, key?: Key) => act(ofOrg(org), contact, key),
      change: (org: OrgID, id: string, contact: ContactDraft) => put(ofOrg(org, id), contact),
      remove: (org: OrgID, id: string, key?: Key) => act(ofOrg(org, id, "remove"), {}, key),
      /** A number or address in full. That it was shown becomes an entry of the system log. */
      call: (org: OrgID, id: string, channel: string, key: Key = newKey()) => post<{ kind: ChannelKind; value: string }>(ofOrg(org, id, "call"), { channel }, key, directoryGuards.called),
      sendCode: (org: OrgID, id: string, channel: string) => act(ofOrg(org, id, "code"), { channel }),
      verify: (org: OrgID, id: string, channel: string, code: string) => act(ofOrg(org, id, "verify"), { channel, code }),
      rung: (org: OrgID, id: string, channel: string) => act(ofOrg(org, id, "rung"), { channel }),
    },

    admin: {
      organisations: async () =>
        (await get<{ organisations: readonly Organisation[] }>("/admin/organisations", shape({ organisations: listOf(record) }))).organisations,
      addOrganisation: (o: OrganisationForm, key: Key = newKey()) => post<Receipt>("/admin/organisations", o, key),
      changeOrganisation: (o: OrganisationForm) => put(`/admin/organisations/${encodeURIComponent(o.code)}`, o),
      closeOrganisation: (code: OrgID, successor?: OrgID, key: Key = newKey()) =>
        post<Receipt>(`/admin/organisations/${encodeURIComponent(code)}/close`, successor === undefined ? {} : { successor }, key),
      previewOrganisations: (file: ArrayBuffer, trusts: TrustKind) => post<OrgImport>(`/admin/organisations/preview${trusts === "" ? "" : `?trusts=${trusts}`}`, file, newKey(), importGuards.preview),
      /** Enters the next part of a table; again until nothing is left. */
      enterOrganisations: (file: ArrayBuffer, sha256: string, trusts: TrustKind) =>
        post<{ entered: number; left: number }>(`/admin/organisations/enter?${new URLSearchParams({ sha256, ...(trusts === "" ? {} : { trusts }) })}`, file, newKey(), importGuards.entered),
      keeper: (id: PersonID, org: OrgID, named: boolean) => append(`/admin/organisations/${encodeURIComponent(org)}/administrators`, { person: id, named }),
      people: async () => (await get<{ people: readonly AdminPerson[] }>("/admin/people", shape({ people: listOf(record) }))).people,
      addPerson: (p: { name: string; issuer: string; subject: string; orgs: readonly OrgID[] }, key: Key = newKey()) =>
        post<Receipt>("/admin/people", p, key),
      affiliate: (id: PersonID, orgs: readonly OrgID[], key: Key = newKey()) => post<Receipt>(person(id, "orgs"), { orgs }, key),
      suspend: (id: PersonID, key: Key = newKey()) => post<Receipt>(person(id, "suspend"), {}, key),
      restore: (id: PersonID, key: Key = newKey()) => post<Receipt>(person(id, "restore"), {}, key),
      administrator: (id: PersonID, granted: boolean, key: Key = newKey()) => post<Receipt>(person(id, "administrator"), { granted }, key),
      issuers: async () => (await get<{ issuers: readonly AdminIssuer[] }>("/admin/issuers", shape({ issuers: listOf(record) }))).issuers,
      setIssuer: (key: string, issuer: Omit<AdminIssuer, "key" | "up" | "stopped">) => put(`/admin/issuers/${encodeURIComponent(key)}`, issuer),
      stopIssuer: (issuer: string, key: Key = newKey()) => post<Receipt>(`/admin/issuers/${encodeURIComponent(issuer)}/stop`, {}, key),
      tokens: async () => (await get<{ tokens: readonly AdminToken[] }>("/admin/tokens", shape({ tokens: listOf(record) }))).tokens,
      issueToken: async (t: { name: string; scopes: readonly string[]; days: number }, key: Key = newKey()) =>
        (await post<{ token: string }>("/admin/tokens", t, key, shape({ token: text }))).token,
      revokeToken: (id: string) => remove(`/admin/tokens/${encodeURIComponent(id)}`),
      sessions: async () => (await get<{ sessions: readonly AdminSession[] }>("/admin/sessions", shape({ sessions: listOf(record) }))).sessions,
      endSession: (id: string) => remove(`/admin/sessions/${encodeURIComponent(id)}`),
      log: async (before?: Seq) =>
        (await get<{ entries: readonly AdminLogRow[] }>(`/admin/log${before === undefined ? "" : `?before=${before}`}`, shape({ entries: listOf(record) }))).entries,
      deployment: () => get<Deployment>("/admin/deployment", shape({ duty: text, hosts: listOf(text) })),
      setDeployment: (d: Deployment) => put("/admin/deployment", d),
    },
    setup: (body: Readonly<Record<string, unknown>>, key: Key = newKey()) => post<Record<string, unknown>>("/setup", body, key),
  };
}

const ofOrg = (org: OrgID, ...rest: readonly string[]) => ["/directory", encodeURIComponent(org), "contacts", ...rest.map((r) => encodeURIComponent(r))].join("/");
const person = (id: PersonID, act: string) => `/admin/people/${encodeURIComponent(id)}/${act}`;

function strings(o: object): Record<string, string> {
  return Object.fromEntries(Object.entries(o).map(([k, v]) => [k, String(v)]));
}
