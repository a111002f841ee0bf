import { describe, expect, it } from "vitest";
import { defang, defangIn } from "./defang";

describe("an indicator, defanged", () => {
  it("leads nowhere, and can still be read", () => {
    expect(defang("domain", "switch.example")).toBe("switch[.]example");
    expect(defang("ipv4", "192.0.2.7")).toBe("192[.]0[.]2[.]7");
    expect(defang("ipv6", "2001:db8::1")).toBe("2001[:]db8[:][:]1");
    expect(defang("email", "a.b@mail.example")).toBe("a[.]b[@]mail[.]example");
    expect(defang("url", "https://a.example:8080/p.q?x=1.2#f")).toBe("hxxps://a[.]example:8080/p[.]q?x=1[.]2#f");
    expect(defang("url", "HTTP://a.example")).toBe("HxxP://a[.]example");
    expect(defang("url", "http://a.example/?to=https://b.example")).toBe("hxxp://a[.]example/?to=hxxps://b[.]example");
    expect(defang("other", "tor://abc.onion")).toBe("tor://abc[.]onion");
  });

  it("is left as it is where it leads nowhere by itself", () => {
    expect(defang("sha256", "ab".repeat(32))).toBe("ab".repeat(32));
    expect(defang("file", "tasksche.exe")).toBe("tasksche.exe");
    expect(defang("cve", "CVE-2017-0144")).toBe("CVE-2017-0144");
    expect(defang("other", "a mutex, or so")).toBe("a mutex, or so");
  });
});

describe("a text with addresses in it", () => {
  it("has those of its item broken, the longest first, in whatever case", () => {
    const indicators = [{ kind: "domain", value: "evil.example" }, { kind: "url", value: "http://evil.example/a" }, { kind: "file", value: "a.exe" }] as const;
    expect(defangIn("Calls EVIL.example, and http://evil.example/a for a.exe", indicators)).toBe("Calls EVIL[.]example, and hxxp://evil[.]example/a for a.exe");
    expect(defangIn("nothing here", indicators)).toBe("nothing here");
  });
});
