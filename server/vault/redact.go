package vault

import (
	"fmt"
	"io"
	"log/slog"
)

// Keys print a placeholder for every verb and in every log handler. The methods
// are on the value, so that a copy or a dereferenced pointer is no way around.

const redacted = "(redacted)"

func (Vault) String() string             { return redacted }
func (Vault) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
func (Vault) LogValue() slog.Value       { return slog.StringValue(redacted) }

func (Key) String() string             { return redacted }
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
func (Key) LogValue() slog.Value       { return slog.StringValue(redacted) }

// hidden keeps secrets where fmt cannot follow. It calls no method on an
// unexported field, and with a verb that does not fit it follows even a pointer;
// of a function it prints the address.
type hidden[T any] func() *T

func hide[T any](secrets T) hidden[T] {
	return func() *T { return &secrets }
}
