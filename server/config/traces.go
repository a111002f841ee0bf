package config

import (
	"net/url"
	"strconv"
)

// defaultTraceRatio is of how many requests spans are made where nothing is
// said: one in twenty.
const defaultTraceRatio = 0.05

// ratioOf reads a number from 0 to 1; -1 is none.
func ratioOf(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1) {
		return -1
	}
	return n
}

// checkTraces judges the form of the settings; nobody is asked.
func (c Config) checkTraces() (all []Problem) {
	if c.TraceRatio < 0 {
		all = append(all, problem("WARDROOM_TRACE_RATIO is not a number from 0 to 1, such as 0.05. Give one, or take it out: spans are then made of one request in twenty.")...)
	}
	if c.Traces == "" {
		return all
	}
	u, err := url.Parse(c.Traces)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		all = append(all, problem("WARDROOM_TRACES is not an address of the form http://HOST:4318/v1/traces. What the receiver asks to be signed in with goes into OTEL_EXPORTER_OTLP_HEADERS.")...)
	}
	return all
}
