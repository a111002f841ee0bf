package evidence

import (
	"fmt"
	"io"
	"log/slog"
)

// Seeds, salts and values are content. A stray %v or a log attribute must not
// publish them, so the types that hold them print a placeholder for every verb
// and in every log handler. Encoders ask for the fields by name.

const redacted = "(redacted)"

func (Seed) Format(f fmt.State, _ rune)    { io.WriteString(f, redacted) }
func (Values) Format(f fmt.State, _ rune)  { io.WriteString(f, redacted) }
func (Whole) Format(f fmt.State, _ rune)   { io.WriteString(f, redacted) }
func (Partial) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
func (Slot) Format(f fmt.State, _ rune)    { io.WriteString(f, redacted) }

func (Seed) LogValue() slog.Value    { return slog.StringValue(redacted) }
func (Values) LogValue() slog.Value  { return slog.StringValue(redacted) }
func (Whole) LogValue() slog.Value   { return slog.StringValue(redacted) }
func (Partial) LogValue() slog.Value { return slog.StringValue(redacted) }
func (Slot) LogValue() slog.Value    { return slog.StringValue(redacted) }
