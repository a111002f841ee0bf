package exercise

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

//go:embed wannacry.json
var wannacry []byte

// Load is the WannaCry script, with every default filled in. Its error lists all
// that is wrong with the file; since the file is part of the program, an error
// is a mistake of ours and nothing can be played.
func Load() (*Script, error) { return decode(wannacry) }

// decode reads a script strictly: a field that is unknown, given twice or out of
// place is refused rather than lost, for the file is written by hand.
func decode(file []byte) (*Script, error) {
	if err := refuseDuplicates(file); err != nil {
		return nil, fmt.Errorf("exercise: %w", err)
	}
	var s Script
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("exercise: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("exercise: more follows the script")
	}
	s.fill()
	if err := check(&s); err != nil {
		return nil, fmt.Errorf("exercise:\n%w", err)
	}
	return &s, nil
}

// refuseDuplicates finds an object with the same key twice, of which
// encoding/json would silently keep the last.
func refuseDuplicates(file []byte) error {
	d := json.NewDecoder(bytes.NewReader(file))
	var value func() error
	value = func() error {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				t, err := d.Token()
				if err != nil {
					return err
				}
				key, _ := t.(string)
				if seen[key] {
					return fmt.Errorf("key %q stands twice in one object, before byte %d", key, d.InputOffset())
				}
				seen[key] = true
				if err := value(); err != nil {
					return err
				}
			}
			_, err = d.Token()
		case json.Delim('['):
			for d.More() {
				if err := value(); err != nil {
					return err
				}
			}
			_, err = d.Token()
		}
		return err
	}
	return value()
}

// fill sets what an item leaves out: label and audience (a reply's are its
// parent's), and when it is due. What cannot be filled is left for check to name.
// What is made of a message, or carries out a decision, is kept as closely as
// that, and no less closely than the room.
func (s *Script) fill() {
	byID := map[string]*Item{}
	due := s.Start
	for i := range s.Items {
		item := &s.Items[i]
		label, audience := s.Room.Label, &Audience{Kind: AudienceRoom}
		source := ""
		switch item.Type {
		case TypeSeverity, TypeLowering, TypeRefuse, TypeProposal:
		case TypeDecision:
			if item.Decision != nil {
				source = item.Decision.From
			}
		case TypeAction:
			source = item.Carries
		case TypeBook:
			source = item.Follows
		case TypeFact:
			label = Clear // published
		case TypeMessage:
			if parent := byID[item.ReplyTo]; parent != nil {
				label, audience = parent.Label, parent.Audience
			}
		default:
			label, audience = "", nil // standing facts of the room, or bound to their target
		}
		if from := byID[source]; from != nil && from.Audience != nil {
			audience = from.Audience
			if from.Label.rank() > label.rank() {
				label = from.Label
			}
		}
		if item.Label == "" {
			item.Label = label
		}
		if item.Audience == nil {
			item.Audience = audience
		}
		if at, err := parseAt(item.At, item.Precision); err == nil {
			due = latest(due, at.from)
		}
		item.Due = earliest(due, s.End)
		byID[item.ID] = item
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
