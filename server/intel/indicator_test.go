package intel

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/incident"
)

func saidOf(list []incident.Indicator) (out []string) {
	for _, x := range list {
		out = append(out, string(x.Kind)+" "+x.Value)
	}
	return out
}

func TestIndicatorsAreFoundHoweverTheyAreWritten(t *testing.T) {
	for text, want := range map[string][]string{
		"call hxxp://www[.]evil[.]com/a.php?x=1.":                {"url http://www.evil.com/a.php?x=1"},
		"hXXps[:]//evil[.]com/, then":                            {"url https://evil.com/"},
		"http[://]evil.com h**p://a.com":                         {"url http://evil.com", "url http://a.com"},
		"http://a.com/x,http://b.com/y":                          {"url http://a.com/x", "url http://b.com/y"},
		"(see evil(.)com, EVIL[dot]com and evil.com)":            {"domain evil.com"},
		"john [at] example [dot] org":                            {"email john@example.org"},
		"<a@b.example>; mailto:c@d.example":                      {"email a@b.example", "email c@d.example"},
		"10.0.0[.]1:445, 192.168.0.0/16 and 1.2.3.4.5 999.1.1.1": {"ipv4 10.0.0.1", "ipv4 192.168.0.0/16"},
		"2001:db8[:]:1 fe80::1 12:30:45 std::vector":             {"ipv6 2001:db8::1", "ipv6 fe80::1"},
		"00:1A:2B:3C:4D:5E 00-1a-2b-3c-4d-5f":                    {"mac 00:1a:2b:3c:4d:5e", "mac 00:1a:2b:3c:4d:5f"},
		`hash0 = "4DA1F312A214C07143ABEEAFB695D904"`:             {"md5 4da1f312a214c07143abeeafb695d904"},
		"sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709":          {"sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		"CVE-2017-0144, cve-2017-0145; CVE-17-1":                 {"cve CVE-2017-0144", "cve CVE-2017-0145"},
		"T1210 T1059.001 S0366 G0032 TA0008 T34 S9999":           {"mitre T1210", "mitre T1059.001", "mitre S0366", "mitre G0032", "mitre TA0008"},
		`into "C:\WINDOWS\tasksche.exe." and /tmp/a.sh, b.zip`:   {`file C:\WINDOWS\tasksche.exe`, "file /tmp/a.sh", "file b.zip"},
		`HKLM\Software\Run and HKEY_LOCAL_MACHINE\System\x`:      {`registry HKLM\Software\Run`, `registry HKEY_LOCAL_MACHINE\System\x`},
		"AS64496 ASAP AS1x":                                      {"asn AS64496"},
		"gx7ekbenv2riucmf[.]onion пример.рф":                     {"domain gx7ekbenv2riucmf.onion", "domain пример.рф"},
		"evil.com/path?x=1":                                      {"url evil.com/path?x=1"},
		"e.g. this, etc. version 2.0 of file.notatld and a.b":    nil,
		"3:abcdefGHIJ:klmnOP":                                    {"ssdeep 3:abcdefGHIJ:klmnOP"},
		"http://user:pw@evil.com:8080/x http://[2001:db8::1]/":   {"url http://user:pw@evil.com:8080/x", "url http://[2001:db8::1]/"},
	} {
		if got := saidOf(Extract(text)); !slices.Equal(got, want) {
			t.Errorf("%q\n gave %q\n want %q", text, got, want)
		}
	}
}

func TestDefangedAndLiveTextHoldTheSameIndicators(t *testing.T) {
	dir := data(t, "ioc", "ioc-fanger", "tests")
	read := func(name string) []string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return saidOf(Extract(string(b)))
	}
	dead, live := read("sample_text_defanged.txt"), read("sample_text_fanged.txt")
	if len(dead) < 500 {
		t.Errorf("%d indicators: too few", len(dead))
	}
	for _, x := range live {
		if !slices.Contains(dead, x) {
			t.Errorf("%s is not found when it is defanged", x)
		}
	}
	for _, x := range dead {
		if !slices.Contains(live, x) {
			t.Errorf("%s is not found when it is live", x)
		}
	}
}

func TestARealAlertGivesItsIndicators(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(data(t, "ioc"), "ta17-132a-excerpt.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got := saidOf(Extract(string(b)))
	for _, want := range []string{"md5 5bef35496fcbdbe841c82f4d1ab8b7c2", "md5 4da1f312a214c07143abeeafb695d904", "url http://www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com",
		"domain www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com", "domain iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com", `file C:\WINDOWS\tasksche.exe`, "file tasksche.exe"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not found in %q", want, got)
		}
	}
}

func TestWhatIsDefangedComesBack(t *testing.T) {
	for _, x := range []incident.Indicator{{Kind: incident.IPv4, Value: "198.51.100.3"}, {Kind: incident.IPv6, Value: "2001:db8::1"}, {Kind: incident.Domain, Value: "a.b.example"},
		{Kind: incident.Email, Value: "a.b@c.example"}, {Kind: incident.URL, Value: "https://a.example/x.php?u=http://b.example/&v=1"}, {Kind: incident.URL, Value: "HTTP://a.example"},
		{Kind: incident.OtherIOC, Value: "[ipv4-addr:value = '198.51.100.3'] AND [url:value = 'http://a.example']"}} {
		dead := Defang(x.Kind, x.Value)
		if back := Refang(dead); !strings.EqualFold(back, x.Value) {
			t.Errorf("%s became %s and then %s", x.Value, dead, back)
		}
		for _, still := range Extract(strings.NewReplacer("[.]", " ", "[:]", " ", "[@]", " ", "hxxp", " ").Replace(dead)) {
			if still.Kind == incident.URL || still.Kind == incident.IPv4 || still.Kind == incident.Email {
				t.Errorf("%s is still live in %s", still.Value, dead)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`([a-z0-9]{1,8}\.){1,4}(com|example|nhs\.uk)`).Draw(t, "domain")
		if back := Refang(Defang(incident.Domain, value)); back != value {
			t.Fatalf("%s became %s", value, back)
		}
	})
}

// hostile are texts of which each byte could begin something.
var hostile = []string{"[.]", "hxxp[:]//", "a://", "http://,", "1.", "a.", "[", "(dot)", "[ at ] ", "::", "CVE-2017-", "http://a.com/,", "h", "a@", `\`, "http://http://", "x[.]y ", "1[.]1[.]1[.]1:", "[[[[.]]]]", "。", "/a/", "a:", "0:"}

func TestHostileTextTakesLinearTime(t *testing.T) {
	const size = 200 << 10
	took := func(text string) time.Duration {
		best := time.Hour
		for range 3 {
			begin := time.Now()
			Extract(text)
			best = min(best, time.Since(begin))
		}
		return best
	}
	for _, unit := range hostile {
		for _, text := range []string{strings.Repeat(unit, size/len(unit)), strings.Repeat(unit+" ", size/(len(unit)+1))} {
			whole, eighth := took(text), took(text[:size/8])
			// Eight times the text takes about eight times as long; a square
			// would take sixty-four. A floor keeps noise out.
			if whole > 24*max(eighth, 10*time.Millisecond) || whole > 2*time.Second {
				t.Errorf("%q: 200 KB took %v, 25 KB %v", unit, whole, eighth)
			}
		}
	}
}

func TestCVSSIsScoredByEachVersion(t *testing.T) {
	for vector, want := range map[string]string{
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H":                    "3.1 98 CRITICAL",
		"CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H":                    "3.0 81 HIGH",
		"AV:N/AC:M/Au:N/C:C/I:C/A:C":                                      "2.0 93 HIGH",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N": "4.0 0 NONE",
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H": "4.0 100 CRITICAL",
		"CVSS:3.1/AV:N": "",
		"9.8":           "",
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/\u202eAV:N": "",
	} {
		c, err := ParseCVSS(vector)
		got := ""
		if err == nil {
			got = fmt.Sprintf("%s %d %s", c.Version, c.Tenths, c.Rating)
		}
		if got != want {
			t.Errorf("%s: %q (%v), want %q", vector, got, err, want)
		}
	}
}
