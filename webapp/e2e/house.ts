// A whole deployment on this machine: what `make run` starts, in a folder of
// its own, on ports that nobody uses.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Cookie } from "@playwright/test";

/** The root of the clone. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const ports = 6; // the server's, its operator's, one for each sign-in service, the witness's and the telephone's

export class House {
  private child: ChildProcess | null = null;
  private said = "";

  private readonly dir: string;
  readonly port: number;
  /** The cookies of people who signed in before, by whose they are. */
  readonly signedIn = new Map<string, Cookie[]>();

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
  }

  /** Starts one and returns when it says that it is ready. */
  static async open(): Promise<House> {
    // The server takes the folder of the clone it stands in for its own; this
    // one holds the same programs and nothing else.
    const dir = mkdtempSync(join(tmpdir(), "wardroom-journeys-"));
    chmodSync(dir, 0o755); // Postgres is another user when we are root
    for (const name of ["go.mod", "deploy"]) symlinkSync(join(repository, name), join(dir, name));
    const house = new House(dir, await freePorts());
    try {
      await house.start();
    } catch (e) {
      await house.close();
      throw e;
    }
    return house;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** The same server by its other name, with cookies of its own. */
  get otherURL(): string {
    return `http://[::1]:${this.port}`;
  }

  /** What stands on the telephone of a number, as the page of it. */
  async telephone(number: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port + 5}/phone/${number}`)).text();
  }

  async start(): Promise<void> {
    this.said = "";
    this.signedIn.clear(); // the sign-in services remember nobody
    const child = spawn(join(repository, "bin/wardroom"), ["dev"], { cwd: this.dir, env: { ...process.env, PORT: String(this.port) }, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    const ready = new Promise<void>((ok, failed) => {
      const hear = (text: Buffer) => {
        this.said += text.toString();
        if (this.said.includes("Wardroom is ready")) ok();
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("error", failed);
      child.once("exit", (code, signal) => failed(new Error(`wardroom dev ended before it was ready (${code ?? signal}):\n${this.said}${this.log()}`)));
    });
    await ready;
  }

  /** Ends everything, as Ctrl-C does ("SIGINT") or as a crash does ("SIGKILL"). */
  async stop(how: "SIGINT" | "SIGKILL"): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(how);
    await ended;
  }

  /** Suspends a sign-in service: it takes connections and answers none. Returns what lets it go on. */
  suspend(issuer: "health" | "ncsc"): () => void {
    const pid = this.child?.pid;
    const found = readdirSync("/proc")
      .filter((p) => /^\d+$/.test(p))
      .find((p) => {
        try {
          const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${p}/status`, "utf8"))?.[1];
          const line = readFileSync(`/proc/${p}/cmdline`, "utf8").split("\0");
          return parent === String(pid) && line[line.indexOf("--issuer") + 1] === issuer;
        } catch {
          return false; // it ended while we looked
        }
      });
    if (!found) throw new Error(`the sign-in service ${issuer} does not run`);
    process.kill(Number(found), "SIGSTOP");
    return () => void process.kill(Number(found), "SIGCONT");
  }

  /**
   * Keeps the witness from answering: every place it has for leaves is taken
   * by an upload that does not go on, under a note that the operator signed.
   * Returns what lets it answer again.
   */
  async holdWitness(): Promise<() => void> {
    const at = `http://127.0.0.1:${this.port + 4}`;
    const logs = (await (await fetch(`${at}/logs`)).json()) as { origin: string; cosigned: number }[];
    const origin = logs.find((l) => l.cosigned > 0)?.origin ?? "";
    const note = await (await fetch(`${at}/checkpoint?origin=${encodeURIComponent(origin)}`)).text();
    const uploads = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = connect(this.port + 4, "127.0.0.1");
        socket.on("error", () => undefined);
        await once(socket, "connect");
        socket.write(`POST /mirror HTTP/1.1\r\nHost: witness\r\nContent-Length: 1000000\r\n\r\nfrom 0\nnote ${Buffer.byteLength(note)}\n\n${note}`);
        return socket;
      }),
    );
    return () => uploads.forEach((socket) => socket.destroy());
  }

  /**
   * Takes a backup of the database and nothing else, and starts again. What is
   * returned puts it back: the keys, the witness and the file of checkpoints
   * stay as they are by then, as they would on other disks.
   */
  async backup(): Promise<() => Promise<void>> {
    const { folder } = this.database();
    const copy = `${folder}.backup`;
    await this.stop("SIGINT");
    execFileSync("rm", ["-rf", copy]);
    execFileSync("cp", ["-a", folder, copy]); // its files stay the database's own user's
    await this.start();
    return async () => {
      await this.stop("SIGINT");
      execFileSync("rm", ["-rf", folder]);
      execFileSync("cp", ["-a", copy, folder]);
      await this.start();
    };
  }

  /** Has whoever holds the disks change what is stored, while nothing runs. */
  async tamper(statement: string): Promise<string> {
    const { folder, program } = this.database();
    await this.stop("SIGINT");
    const { uid, gid } = statSync(folder);
    const as = process.getuid?.() === uid ? {} : { uid, gid };
    const said = execFileSync(program, ["--single", "-D", folder, "wardroom"], { ...as, cwd: "/", input: `${statement.replace(/\s+/g, " ")}\n`, encoding: "utf8" });
    await this.start();
    return said;
  }

  /** Where the database keeps its files, and the program that serves them. */
  private database(): { folder: string; program: string } {
    const pid = String(this.child?.pid);
    for (const p of readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
      try {
        if (/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${p}/status`, "utf8"))?.[1] !== pid) continue;
        const line = readFileSync(`/proc/${p}/cmdline`, "utf8").split("\0");
        if (line[0]?.endsWith("postgres")) return { folder: line[line.indexOf("-D") + 1] ?? "", program: readlinkSync(`/proc/${p}/exe`) };
      } catch {
        continue; // it ended while we looked
      }
    }
    throw new Error("the database does not run");
  }

  /** What the server wrote into its own log. */
  log(): string {
    try {
      return readFileSync(join(this.dir, ".data/dev.log"), "utf8");
    } catch {
      return "";
    }
  }

  async close(): Promise<void> {
    await this.stop("SIGINT");
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// The first of so many neighbouring ports that are free, on both loopbacks.
async function freePorts(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const worker = Number(process.env["TEST_PARALLEL_INDEX"] ?? 0) % 4; // each looks in a range of its own
    const first = 20_000 + worker * 2_500 + Math.floor(Math.random() * 2_490);
    const held = await Promise.all([...Array(ports).keys()].flatMap((n) => ["127.0.0.1", "::1"].map((host) => hold(host, first + n))));
    await Promise.all(held.map((s) => s && new Promise((ok) => s.close(ok))));
    if (held.every((s) => s !== null)) return first;
  }
  throw new Error(`no ${ports} neighbouring ports are free`);
}

function hold(host: string, port: number): Promise<Server | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(null));
    server.listen(port, host, () => done(server));
  });
}
