package exercise

import (
	"fmt"
	"time"
)

// Precision is how exactly the source gives the time of an item.
type Precision string

const (
	Minute      Precision = "minute"      // At is the recorded minute
	Approximate Precision = "approximate" // the source says "about" or "just after"
	From        Precision = "from"        // it began at At, a minute or a day, and went on
	By          Precision = "by"          // it was so by At, a minute or the end of a day
	Placed      Precision = "placed"      // the source gives the day; At's time of day only orders it
	Day         Precision = "day"
	Month       Precision = "month"
	Year        Precision = "year"
)

// bst is British Summer Time. Every recorded minute of this script lies in it, so
// no time zone data is needed on the machine that plays it.
var bst = time.FixedZone("BST", 60*60)

// The forms At may have.
const (
	minuteForm = time.RFC3339
	dayForm    = "2006-01-02"
	monthForm  = "2006-01"
	yearForm   = "2006"
)

// forms says which forms of At go with a precision.
var forms = map[Precision][]string{
	Minute:      {minuteForm},
	Approximate: {minuteForm},
	Placed:      {minuteForm},
	From:        {minuteForm, dayForm},
	By:          {minuteForm, dayForm},
	Day:         {dayForm},
	Month:       {monthForm},
	Year:        {yearForm},
}

// span is what an At covers: [from, to). An instant covers itself only: to = from.
type span struct {
	from, to time.Time
	form     string
}

func (s span) instant() bool { return s.from.Equal(s.to) }

// parseAt reads At in the forms its precision allows. It refuses another offset
// than +01:00, and seconds.
func parseAt(at string, p Precision) (span, error) {
	for _, form := range forms[p] {
		t, err := time.ParseInLocation(form, at, bst)
		if err != nil {
			continue
		}
		switch form {
		case dayForm:
			return span{t, t.AddDate(0, 0, 1), form}, nil
		case monthForm:
			return span{t, t.AddDate(0, 1, 0), form}, nil
		case yearForm:
			return span{t, t.AddDate(1, 0, 0), form}, nil
		}
		if _, offset := t.Zone(); offset != 60*60 {
			return span{}, fmt.Errorf("at %q is not at +01:00", at)
		}
		if t.Second() != 0 || t.Nanosecond() != 0 {
			return span{}, fmt.Errorf("at %q is finer than a minute", at)
		}
		return span{t.In(bst), t.In(bst), form}, nil
	}
	if forms[p] == nil {
		return span{}, fmt.Errorf("precision %q is unknown", p)
	}
	return span{}, fmt.Errorf("at %q does not fit precision %q", at, p)
}

// ShownTime is an item's time as a screen shows it: no more exact than its source.
//
//	minute       12 May 2017, 16:10 BST
//	approximate  12 May 2017, about 09:00 BST
//	from         12 May 2017, from 17:00 BST    from 15 May 2017
//	by           12 May 2017, by 17:00 BST      by the end of 14 May 2017
//	placed       12 May 2017 (time not recorded)
//	day          17 March 2017
//	month        October 2015
//	year         2014
//	undated      May 2017 (day not recorded)
//
// For an item that Load did not give out, whose At cannot be read, it is At.
func ShownTime(item Item) string {
	at, err := parseAt(item.At, item.Precision)
	if err != nil {
		return item.At
	}
	date := at.from.Format("2 January 2006")
	clock := at.from.Format("15:04 MST")
	switch {
	case item.Undated:
		return at.from.Format("January 2006") + " (day not recorded)"
	case item.Precision == Minute:
		return date + ", " + clock
	case item.Precision == Approximate:
		return date + ", about " + clock
	case item.Precision == Placed:
		return date + " (time not recorded)"
	case item.Precision == From && at.form == minuteForm:
		return date + ", from " + clock
	case item.Precision == From:
		return "from " + date
	case item.Precision == By && at.form == minuteForm:
		return date + ", by " + clock
	case item.Precision == By:
		return "by the end of " + date
	case item.Precision == Month:
		return at.from.Format("January 2006")
	case item.Precision == Year:
		return at.from.Format("2006")
	}
	return date
}
