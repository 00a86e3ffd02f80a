/** What other people's pages are written against: the types, and the page of the documentation that names every state. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import type {
  Arrival,
  BackendFinding,
  CaptureError,
  InputState,
  Session,
  SessionEvent,
  SessionPhase,
  Source,
  StreamStatus,
} from "./index";

const GUIDE = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/own-page.md"), "utf8");

/** Every kind once: a new one is an error here, and a row in the guide. */
const PHASES = {
  permission: true,
  ready: true,
  starting: true,
  live: true,
  finishing: true,
  ended: true,
} satisfies Record<SessionPhase["kind"], true>;
const STATUSES = {
  idle: true,
  connecting: true,
  live: true,
  behind: true,
  "no-media": true,
  reconnecting: true,
  offline: true,
  restarting: true,
  finishing: true,
  ended: true,
  failed: true,
  discarded: true,
  absent: true,
} satisfies Record<StreamStatus["kind"], true>;
const INPUTS = {
  live: true,
  silent: true,
  missing: true,
  flipping: true,
  interrupted: true,
  returning: true,
} satisfies Record<InputState["kind"], true>;
const ERRORS = {
  dismissed: true,
  denied: true,
  "blocked-by-system": true,
  "blocked-by-frame": true,
  "no-device": true,
  "in-use": true,
  "insecure-address": true,
  "insecure-frame": true,
  "unsupported-browser": true,
  "in-app-browser": true,
  failed: true,
} satisfies Record<CaptureError["kind"], true>;
const EVENTS = {
  "stream-changed": true,
  gap: true,
  "smaller-picture": true,
  "device-changed": true,
  "device-kept": true,
  "not-permitted": true,
  "first-acknowledged": true,
  over: true,
} satisfies Record<SessionEvent["kind"], true>;
const FINDINGS = {
  answers: true,
  silent: true,
  "not-a-backend": true,
  "refuses-origin": true,
  "no-live-connection": true,
  "insecure-address": true,
} satisfies Record<BackendFinding, true>;

describe("the guide for pages of one's own", () => {
  const all = { PHASES, STATUSES, INPUTS, ERRORS, EVENTS, FINDINGS };
  it.each(Object.entries(all))("names every one of %s", (_name, kinds) => {
    expect(Object.keys(kinds).filter((kind) => !GUIDE.includes(`\`${kind}\``))).toEqual([]);
  });
});

describe("a session's stores", () => {
  it("are for reading: nobody outside of the package sets them", () => {
    expectTypeOf<Session["phase"]>().toEqualTypeOf<Source<SessionPhase>>();
    expectTypeOf<Session["arrival"]>().toEqualTypeOf<Source<Arrival>>();
    expectTypeOf<Session["video"]["status"]>().toEqualTypeOf<Source<StreamStatus>>();
    expectTypeOf<Session["devices"]["camera"]>().toEqualTypeOf<Source<InputState>>();
    expectTypeOf<Session["phase"]>().not.toHaveProperty("set");
  });

  it("tell of an end what it came to", () => {
    type Ended = Extract<StreamStatus, { kind: "ended" }>;
    expectTypeOf<Ended["verified"]>().toEqualTypeOf<"all" | "partly" | "mismatch">();
    expectTypeOf<Extract<SessionPhase, { kind: "live" }>["startedAt"]>().toEqualTypeOf<number>();
  });
});
