package incident_test

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"wardroom/server/incident"
)

func TestAFilesNameIsFitToBeShownAndSaved(t *testing.T) {
	for told, want := range map[string]string{
		"report.pdf":                      "report.pdf",
		"Zoë’s naïve 報告.docx":             "Zoë’s naïve 報告.docx",
		"../../../etc/passwd":             "passwd",
		`..\..\windows\system.ini`:        "system.ini",
		"/etc/shadow":                     "shadow",
		`C:\Users\x\a.txt`:                "a.txt",
		`\\server\share\a.txt`:            "a.txt",
		"a/../../b":                       "b",
		"..":                              "file",
		".":                               "file",
		"":                                "file",
		"/":                               "file",
		"...":                             "file",
		" . . ":                           "file",
		"a/..":                            "file",
		".htaccess":                       "htaccess",
		"name. ":                          "name",
		"a\x00b.exe":                      "a_b.exe",
		"a\r\nSet-Cookie: x=y":            "a__Set-Cookie_ x=y",
		"a\x1b[2Jb":                       "a_[2Jb",
		"invoice\u202efdp.exe":            "invoice_fdp.exe",
		"a\u2066b\u2069c":                 "a_b_c",
		"zero\u200bwidth\ufeff":           "zero_width_",
		"a\u00adb":                        "a_b",
		"tag\U000e0041":                   "tag_",
		"fill\u3164\u115f\u2800":          "fill___",
		"line\u2028sep\u2029":             "line_sep_",
		"private\ue000":                   "private_",
		"bad\xff\xfeutf":                  "bad_utf",
		`a"b;c%0d.txt`:                    "a_b;c%0d.txt",
		"a:stream.txt":                    "a_stream.txt",
		"wild*card?.txt":                  "wild_card_.txt",
		"a<b>|c.txt":                      "a_b__c.txt",
		"CON":                             "_CON",
		"con.txt":                         "_con.txt",
		"LPT1.tar.gz":                     "_LPT1.tar.gz",
		"com¹":                            "_com¹",
		"NUL .txt":                        "_NUL .txt",
		"console.txt":                     "console.txt",
		"en\u00a0space\u3000.txt":         "en space .txt",
		strings.Repeat("a", 300) + ".pdf": strings.Repeat("a", 196) + ".pdf",
		strings.Repeat("é", 150) + ".pdf": strings.Repeat("é", 98) + ".pdf",
		"x." + strings.Repeat("longextension", 40): ("x." + strings.Repeat("longextension", 40))[:200],
	} {
		if got := incident.CleanFileName(told); got != want {
			t.Errorf("%q becomes %q, want %q", told, got, want)
		}
	}
}

func TestWhateverAFileIsCalledItsNameIsOneThatStays(t *testing.T) {
	parts := rapid.SampledFrom([]string{"/", `\`, "..", ".", " ", "\x00", "\u202e", "\u200d", "con", "aux", "a", "é", "漢", ":", "%2e%2e%2f", "\xff", "\n", "~", "$(x)", strings.Repeat("b", 90), ".tar.gz", "\U000e0041", "'"})
	rapid.Check(t, func(t *rapid.T) {
		told := strings.Join(rapid.SliceOfN(parts, 0, 12).Draw(t, "parts"), "") + rapid.String().Draw(t, "more")
		name := incident.CleanFileName(told)
		if again := incident.CleanFileName(name); again != name {
			t.Fatalf("%q becomes %q and then %q", told, name, again)
		}
		if name == "" || len(name) > incident.MaxFileName || !utf8.ValidString(name) || filepath.Base(name) != name || strings.ContainsAny(name, "/\\:*?\"<>|") || name == "." || name == ".." ||
			strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || strings.HasPrefix(name, " ") {
			t.Fatalf("%q becomes %q", told, name)
		}
		for _, r := range name {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
				t.Fatalf("%q becomes %q, which holds %U", told, name, r)
			}
		}
	})
}

func TestAFileThatIsNotAsTheServerDescribesOneIsNone(t *testing.T) {
	hash := base64.StdEncoding.EncodeToString(make([]byte, 32))
	good := incident.File{Commitment: hash, ID: incident.BlobID(incident.RandomID()), Name: "a.pdf", Salt: hash, SHA256: strings.Repeat("0a", 32), Size: 1, Type: "application/pdf"}
	if !good.Valid() {
		t.Fatal("a good one is none")
	}
	for what, change := range map[string]func(*incident.File){
		"no id": func(f *incident.File) { f.ID = "" }, "a path": func(f *incident.File) { f.Name = "../a" }, "no name": func(f *incident.File) { f.Name = "" },
		"empty": func(f *incident.File) { f.Size = 0 }, "too long": func(f *incident.File) { f.Size = incident.MaxFile + 1 }, "a short salt": func(f *incident.File) { f.Salt = "AAAA" },
		"no commitment": func(f *incident.File) { f.Commitment = "" }, "capitals": func(f *incident.File) { f.SHA256 = strings.ToUpper(f.SHA256) },
		"a type with a parameter": func(f *incident.File) { f.Type = "text/html; charset=x" }, "a type with a line": func(f *incident.File) { f.Type = "text/html\r\nX: y" },
	} {
		f := good
		if change(&f); f.Valid() {
			t.Errorf("%s passes", what)
		}
	}
}
