package command

import (
	"wardroom/server/incident"
)

// MaxQuotes bounds the quotes of one message.
const MaxQuotes = 10

// quoted lists the entries quoted.
func quoted(list []incident.Quote) (entries []incident.Seq) {
	for _, q := range list {
		entries = append(entries, q.Entry)
	}
	return entries
}

// quotes checks that the asker may see every entry quoted. Where in its text
// the quote lies is not held against the text: of a sealed entry that would
// tell how long it is.
func (s *scene) quotes(list []incident.Quote) ([]incident.Quote, error) {
	if len(list) > MaxQuotes {
		return nil, incident.BadField("quotes", "At most %d quotes fit.", MaxQuotes)
	}
	for _, q := range list {
		if sight, ok := s.cited[q.Entry]; !ok || q.Entry == 0 || !s.mayCite(q.Entry, sight) {
			return nil, incident.BadField("quotes", "Entry %d is not there for you.", q.Entry)
		}
		if q.From < 0 || q.To <= q.From || q.To > incident.MaxItemText {
			return nil, incident.BadField("quotes", "Choose some words to quote.")
		}
	}
	return list, nil
}
