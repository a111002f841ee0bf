// What tests of views wait for may take its time: the machine has others to
// serve, and what they promise is that it comes, not when.
import { configure } from "@testing-library/react";
import { format } from "node:util";
import { afterEach, beforeEach, vi } from "vitest";

configure({ asyncUtilTimeout: 10_000 });

// What React complains of (two children with one key, a state set outside a
// test's act) is a defect of the view: the test that heard it fails.
const complaints: string[] = [];
beforeEach(() => void vi.spyOn(console, "error").mockImplementation((...said: unknown[]) => void complaints.push(format(...said))));

afterEach(() => {
  const heard = complaints.splice(0);
  if (heard.length > 0) throw new Error(`the view was complained of:\n${heard.join("\n")}`);
});
