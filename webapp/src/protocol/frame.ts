// Frames of the stream: one JSON text each.
import { cadenceFacts } from "./cadence";
import { postFacts } from "./escalation";
import { parseFragments } from "./fragment";
import { count, expect, flag, isRecord, listOf, Malformed, maybe, nullable, oneOf, shape, text } from "./guard";
import { assessor, cell } from "./kinds";
import { parseSeal, parseSealOrNone } from "./proof";
import { grounds } from "./keeping";
import { type ClientFrame, type Facts, faults, type Frontier, lifecycles, memberStates, scales, type ServerFrame, type SnapshotFrame, tiers, tlps } from "./types";

const frontier = shape({ size: count, hashes: listOf(text) });
const by = isRecord;
const member = shape({
  root: count, number: count, state: oneOf(...memberStates), name: text, org: text, orgName: text, orgType: text, ods: text, role: text,
  host: flag, start: count, rules: count, invitedBy: count, invited: nullable(text), joined: nullable(text), ended: nullable(text),
  askedName: text, tier: oneOf("", ...tiers),
});
const grade = shape({ at: count, or: maybe(count) });
const assessment = shape({
  root: count, scale: oneOf(...scales), org: text, by, seq: count, since: text, grade, criteria: listOf(text), ended: flag,
  lowering: nullable(shape({ seq: count, by, at: text, tier: oneOf(...tiers), grade: maybe(grade), criteria: maybe(listOf(text)) })),
});
const book = shape({
  root: count, number: count, maker: count, loggist: count, signal: text, opened: text, agreed: nullable(text), closed: nullable(text), first: count,
});
const facts = shape({
  room: shape({
    id: text, reference: text, title: text, mode: oneOf("incident", "exercise"), lifecycle: oneOf(...lifecycles), section: count,
    roster: oneOf("names", "organisations", "hosts"), tlp: oneOf(...tlps), hosts: listOf(text), assessors: listOf(assessor), called: listOf(text), cell: nullable(cell), opened: text,
    clock: nullable(shape({ exercise: text, factor: count, paused: flag, set: text, seq: count })), ended: nullable(text),
    earlier: nullable(shape({
      log: text, state: oneOf("behind", "different"), size: count, held: count,
      judged: listOf(shape({ at: text, by: count, org: text, verdict: oneOf("joined", "condemned") })),
    })),
  }),
  you: count,
  members: listOf(member),
  rules: nullable(shape({ root: count, seq: count, version: count, lines: listOf(text) })),
  brief: nullable(shape({ root: count, seq: count, version: count, by, at: text, lines: isRecord })),
  report: nullable(shape({ root: count, seq: count, by, at: text, methane: isRecord })),
  pins: listOf(shape({ root: count, by: count, at: text })),
  assessments: listOf(assessment),
  books: listOf(book),
  retention: shape({ years: count, seq: count, by, at: nullable(text) }),
  posts: listOf(postFacts),
  cadence: cadenceFacts,
  holds: listOf(shape({ root: count, by, at: text, reason: text, reference: text })),
  erasures: listOf(shape({
    root: count, by, at: text, entries: listOf(count), ground: oneOf(...grounds), reason: text, slots: listOf(count), agreed: listOf(shape({ by, at: text })),
  })),
});

/** Reads a room's standing facts. */
export function parseFacts(v: unknown): Facts {
  return expect(facts, v, "snapshot") as Facts;
}

/** Reads a snapshot, as a frame or as the answer of GET /rooms/{room}. */
export function parseSnapshot(v: unknown): SnapshotFrame {
  const f = expect(shape({ room: text, seq: count, frontier }), v, "snapshot");
  return { type: "snapshot", room: f.room, seq: f.seq, frontier: f.frontier as Frontier, seal: parseSealOrNone((v as { seal?: unknown }).seal), state: parseFacts((v as { state?: unknown }).state) };
}

/** Reads a frame; null for a type this version does not know. Throws Malformed. */
export function parseFrame(data: string): ServerFrame | null {
  let v: unknown;
  try {
    v = JSON.parse(data);
  } catch {
    throw new Malformed("frame");
  }
  return readFrame(v);
}

/** parseFrame for what is already JSON. */
export function readFrame(v: unknown): ServerFrame | null {
  const { type } = expect(shape({ type: text }), v, "frame");
  const f = v as Record<string, unknown>;
  const room = () => expect(text, f["room"], `${type} frame: room`);
  const seq = () => expect(count, f["seq"], `${type} frame: seq`);
  const root = () => expect(count, f["root"], `${type} frame: root`);
  switch (type) {
    case "welcome":
      return { type, now: expect(text, f["now"], "welcome frame") };
    case "snapshot":
      return parseSnapshot(v);
    case "events":
      return { type, room: room(), events: parseFragments(f["events"]) };
    case "opened":
      return { type, room: room(), root: root(), events: parseFragments(f["events"]) };
    case "withdrawn":
      return { type, room: room(), root: root() };
    case "caught_up":
      return { type, room: room(), seq: seq() };
    case "presence": {
      const numbers = (name: string) => expect(listOf(count), f[name] ?? [], "presence frame");
      return { type, room: room(), here: numbers("here"), typing: numbers("typing") };
    }
    case "read":
      return { type, room: room(), seq: seq() };
    case "sealed":
      return { type, room: room(), seal: parseSeal(f["seal"]) };
    case "revoked":
      return { type, room: room() };
    case "rooms":
      return { type };
    case "goaway":
      return { type, wait: count(f["wait"]) ? f["wait"] : 0 };
    case "error": {
      const fault = oneOf(...faults)(f["fault"]) ? f["fault"] : "internal";
      const detail = text(f["detail"]) ? f["detail"] : "";
      return text(f["room"]) ? { type, room: f["room"], fault, detail } : { type, fault, detail };
    }
    default:
      return null;
  }
}

export function writeFrame(f: ClientFrame): string {
  return JSON.stringify(f);
}
