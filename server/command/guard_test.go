package command_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func TestAMarkingOnALineOrInAHeaderIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"SECRET":        "SECRET",
		"UK SECRET":     "UK SECRET",
		"TOP SECRET":    "TOP SECRET",
		"UK TOP SECRET": "UK TOP SECRET",
		"Uk Top Secret": "UK TOP SECRET",
		"Top secret":    "TOP SECRET",
		"Please see below.\n\nSECRET\n\nThe actor": "SECRET",
		"a\r\nUK SECRET\r\nb":                      "UK SECRET",
		"**SECRET**":                               "SECRET",
		"# UK SECRET":                              "UK SECRET",
		"> SECRET":                                 "SECRET",
		"[SECRET]":                                 "SECRET",
		"--- SECRET ---":                           "SECRET",
		"=== TOP SECRET ===":                       "TOP SECRET",
		"SECRET//NOFORN":                           "SECRET",
		"TOP SECRET//SI//NOFORN":                   "TOP SECRET",
		"SECRET UK EYES ONLY":                      "SECRET",
		"UK SECRET – UK EYES ONLY":                 "UK SECRET",
		"SECRET – PERSONAL":                        "SECRET",
		"SECRET (UKEO)":                            "SECRET",
		"TOP SECRET STRAP 2":                       "TOP SECRET",
		"TOP SECRET STRAP1 COMINT":                 "TOP SECRET",
		"STRAP1":                                   "STRAP1",
		"STRAP 3 UK EYES ONLY":                     "STRAP 3",
		"NATO SECRET":                              "NATO SECRET",
		"COSMIC TOP SECRET":                        "COSMIC TOP SECRET",
		"SECRET          SECRET":                   "SECRET",
		"UK SECRET Page 1 of 12":                   "UK SECRET",
		"SECRET WHEN COMPLETE":                     "SECRET",
		"Classification: Secret":                   "SECRET",
		"CLASSIFICATION: UK TOP SECRET":            "UK TOP SECRET",
		"Protective marking: secret":               "SECRET",
		"X-Protective-Marking: SECRET":             "SECRET",
		"Subject: RE: UK SECRET - the actor":       "UK SECRET",
		"Subject: [SECRET] the actor":              "SECRET",
		"UK SECRET: the actor used the update":     "UK SECRET",
		"[UK SECRET] the actor":                    "UK SECRET",
		"(SECRET) the actor used":                  "SECRET",
		"S E C R E T":                              "SECRET",
		"T O P  S E C R E T":                       "TOP SECRET",
		"U K  S E C R E T":                         "UK SECRET",
		"ＳＥＣＲＥＴ":                                   "SECRET",
		"SEC\u200dRET":                             "SECRET",
		"\u00a0UK\u00a0SECRET\u00a0":               "UK SECRET",
		"| SECRET |":                               "SECRET",
	} {
		if got := command.ProtectiveMarking(text); got != want {
			t.Errorf("%q bears %q, want %q", text, got, want)
		}
	}
}

func TestTheWordInASentenceIsNoMarking(t *testing.T) {
	for _, text := range []string{
		"the secret is in the vault",
		"Top secret plan to fail over tonight: nobody touches DNS.",
		"This is a top secret plan.",
		"TOP SECRET plan",
		"Rotate every secret now",
		"SECRET KEY ROTATED",
		"SECRET: 9f8e7d6c",
		"SECRET=abc",
		"client_secret: abc",
		"kind: Secret",
		"Secret",
		"secret",
		"Secret:",
		"Top secret!",
		"SECRET?",
		"UK SECRET service is copied in",
		"Nothing above OFFICIAL-SENSITIVE, so no SECRET here.",
		"We were told that it is UK SECRET.",
		"We hold nothing marked\nabove OFFICIAL. SECRET material goes elsewhere.",
		"SECRET INTELLIGENCE SERVICE",
		"strap it to the rack",
		"Strap 1",
		"SECRETS",
		"Classification: Secret Server licence was stolen",
		"Subject: secret santa",
		"OFFICIAL-SENSITIVE",
		"OFFICIAL",
		"TOP 10 SECRET leaks found by the scanner",
		"NATO secretariat asked",
		"[secret] is the placeholder",
		"SECRET'S OUT",
		"NOT SECRET",
		"",
	} {
		if got := command.ProtectiveMarking(text); got != "" {
			t.Errorf("%q bears %q, want none", text, got)
		}
	}
}

func TestLookingForMarkingsTakesTimeInProportionToTheText(t *testing.T) {
	for _, part := range []string{"SECRET ", "UK ", "- ", "[", "S ", "SECRET\n", "TOP ", "subject: ", "\u200d", "STRAP"} {
		time1, time8 := taken(strings.Repeat(part, 4_000)), taken(strings.Repeat(part, 32_000))
		if time8 > 60*time1+50*time.Millisecond {
			t.Errorf("%q: %v for one length, %v for eight", part, time1, time8)
		}
	}
}

func taken(text string) time.Duration {
	best := time.Hour
	for range 3 {
		at := time.Now()
		command.ProtectiveMarking(text)
		best = min(best, time.Since(at))
	}
	return best
}

// What is found is on one line, and adding lines of prose neither hides it nor
// makes one.
func FuzzProtectiveMarking(f *testing.F) {
	for _, s := range []string{"SECRET", "UK SECRET: x", "the secret", "T O P  S E C R E T", "Subject: [SECRET] a", "\xff\u200d", "!SECRET?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := command.ProtectiveMarking(text)
		if again := command.ProtectiveMarking("All quiet.\n" + text + "\nNothing more."); again != got {
			t.Errorf("%q bears %q alone and %q among prose", text, got, again)
		}
		if got != "" && !strings.Contains(got, "SECRET") && !strings.Contains(got, "STRAP") {
			t.Errorf("%q bears %q", text, got)
		}
	})
}

// What a command needs to be loaded does not depend on the reason it comes with.
func TestAReasonHidesNothingOfWhatACommandNames(t *testing.T) {
	file := incident.File{ID: incident.BlobID(incident.RandomID())}
	said := command.PostMessage{ReplyTo: 3, Attachments: []incident.File{file}}
	with := command.Overrule(said, "released to us")
	if got := command.Blobs(with); len(got) != 1 || got[0] != file.ID {
		t.Errorf("attached: %v", got)
	}
	for name, list := range map[string]func(command.Command) []incident.Seq{"roots": command.Roots, "cites": command.Cites, "moves": command.Moves,
		"erases": func(c command.Command) []incident.Seq { return command.Erases(c, &incident.Room{}) }} {
		for _, c := range []command.Command{said, command.RecallEntry{Root: 7}, command.RecordDecision{Taken: command.Taken{Deliberation: incident.Deliberation{Relied: []incident.Seq{4}}}}} {
			if plain, with := list(c), list(command.Overrule(c, "x")); !slices.Equal(plain, with) {
				t.Errorf("%s of %T: %v, with a reason %v", name, c, plain, with)
			}
		}
	}
}
