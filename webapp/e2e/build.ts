// Before any journey: the server, with the web app in it, and the offline
// verifier, as they are in the working tree. Nothing is built again while its sources are the same.
import { execFileSync } from "node:child_process";
import { repository } from "./house";

export default function build(): void {
  const env = { ...process.env };
  delete env["MAKEFLAGS"]; // make may have started us; this is a make of its own
  delete env["MAKELEVEL"];
  try {
    execFileSync("make", ["--no-print-directory", "-C", repository, "bin/wardroom", "bin/wardroom-verify", "deploy/dev/idp/node_modules/.installed", ".postgres"], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (e) {
    const said = e as { stdout?: string; stderr?: string };
    throw new Error(`the programs could not be built:\n${said.stdout ?? ""}${said.stderr ?? ""}`, { cause: e });
  }
}
