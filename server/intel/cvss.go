package intel

import (
	"errors"
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// CVSS is a vulnerability's severity as FIRST's Common Vulnerability Scoring
// System has it.
type CVSS struct {
	Vector  string `json:"vector"`
	Version string `json:"version"` // 2.0, 3.0, 3.1 or 4.0
	Tenths  int    `json:"tenths"`  // the base score ten times: 98 is 9.8
	Rating  string `json:"rating"`  // NONE, LOW, MEDIUM, HIGH or CRITICAL
}

// ParseCVSS reads a vector string of version 2.0, 3.0, 3.1 or 4.0.
func ParseCVSS(vector string) (CVSS, error) {
	c := CVSS{Vector: vector}
	var score float64
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		v, err := gocvss40.ParseVector(vector)
		if err != nil {
			return c, err
		}
		c.Version, score = "4.0", v.Score()
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		v, err := gocvss31.ParseVector(vector)
		if err != nil {
			return c, err
		}
		c.Version, score = "3.1", v.BaseScore()
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		v, err := gocvss30.ParseVector(vector)
		if err != nil {
			return c, err
		}
		c.Version, score = "3.0", v.BaseScore()
	case strings.HasPrefix(vector, "AV:"):
		v, err := gocvss20.ParseVector(vector)
		if err != nil {
			return c, err
		}
		c.Version, score = "2.0", v.BaseScore()
	default:
		return c, errors.New("intel: not a CVSS vector")
	}
	c.Tenths = int(score*10 + 0.5)
	c.Rating = rating(c.Tenths, c.Version)
	return c, nil
}

// rating is FIRST's qualitative scale. Version 2.0 has no critical; the scale
// is NVD's.
func rating(tenths int, version string) string {
	switch {
	case tenths == 0:
		return "NONE"
	case tenths < 40:
		return "LOW"
	case tenths < 70:
		return "MEDIUM"
	case tenths < 90 || version == "2.0":
		return "HIGH"
	}
	return "CRITICAL"
}
