package export

import (
	"fmt"
	"strings"
)

// readme says what the bundle is and how to check it.
func readme(c *cover, verifier bool) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", visible(c.heading()))
	line("")
	for _, f := range c.facts() {
		line("%s: %s", f.name, strings.ReplaceAll(visible(f.text), "\n", " "))
	}
	line("")
	line("WHAT THIS IS")
	line("")
	line("A part of the log of an incident room. Every entry of the log up to the checkpoint has its line in leaves.bin, as a")
	line("commitment that shows nothing of it; what was given to you is opened in openings.jsonl. Everything else is listed in")
	line("withheld.jsonl with the reason. Entries cannot be changed, added, removed or put in another order without this showing.")
	line("")
	line("HOW TO CHECK IT")
	line("")
	line("Have the file of keys from somebody other than who sent you this bundle, such as the second party that runs the witness.")
	line("policy.txt in the bundle names the keys as the sender says they are; by itself it proves nothing.")
	line("  wardroom-verify --policy THEIR-KEYS.txt THIS-BUNDLE.tar")
	if verifier {
		line("or open verify.html in a browser and give it the bundle. Neither needs a network.")
	}
	line("")
	line("WHAT IT DOES NOT PROVE")
	line("")
	line("That what people wrote is true; that nothing was said outside the room; what is withheld. Wording given in the stead of")
	line("a redacted text is the exporter's own. Neither this file nor the record.* files are part of the proof: they were made")
	line("from what is opened, and verifying the bundle says nothing of them.")
	line("")
	if c.files > 0 {
		line("WHAT IS ATTACHED")
		line("")
		line("attachments/ holds what was attached to the entries that are opened with it, %d files, each under the SHA-256 of its", c.files)
		line("content; the record says what each was called. Verifying the bundle proves that they are what was attached. They are as")
		line("they were sent, and nobody has opened them: they may be harmful.")
		line("")
	}
	line("THE RENDERINGS")
	line("")
	line("record.html, record.pdf (A4, at most %d entries), record.csv (UTF-8 with a byte-order mark, for spreadsheets; a cell that", mostPDF)
	line("a spreadsheet would take for a formula begins with an apostrophe) and record.jsonl (one entry a line) say the same.")
	line("Characters that cannot be seen, or that the font of record.pdf cannot draw, are written out as [U+202E].")
	return b.String()
}
