package exercise

import "testing"

func TestATimeIsShownNoMoreExactlyThanItsSourceGivesIt(t *testing.T) {
	for _, c := range []struct {
		at        string
		precision Precision
		undated   bool
		want      string
	}{
		{"2017-05-12T16:10:00+01:00", Minute, false, "12 May 2017, 16:10 BST"},
		{"2017-05-12T09:00:00+01:00", Approximate, false, "12 May 2017, about 09:00 BST"},
		{"2017-05-12T17:00:00+01:00", From, false, "12 May 2017, from 17:00 BST"},
		{"2017-05-15", From, false, "from 15 May 2017"},
		{"2017-05-12T17:00:00+01:00", By, false, "12 May 2017, by 17:00 BST"},
		{"2017-05-14", By, false, "by the end of 14 May 2017"},
		{"2017-05-12T20:00:00+01:00", Placed, false, "12 May 2017 (time not recorded)"},
		{"2017-05-12T22:30:00+01:00", Placed, true, "May 2017 (day not recorded)"},
		{"2017-05-19", Day, true, "May 2017 (day not recorded)"},
		{"2017-03-17", Day, false, "17 March 2017"},
		{"2017-05", Month, false, "May 2017"},
		{"2014", Year, false, "2014"},
		{"some day", Day, false, "some day"},
	} {
		if got := ShownTime(Item{At: c.at, Precision: c.precision, Undated: c.undated}); got != c.want {
			t.Errorf("%s, %s: shown as %q, want %q", c.at, c.precision, got, c.want)
		}
	}
}
