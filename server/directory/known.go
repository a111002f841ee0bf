package directory

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// maxKnown bounds among how many people somebody is looked for.
const maxKnown = 2000

// Whose finds which of these people has verified this number or address as
// their own; nobody, if none has, or several. It is one question, and opens what
// each of them gave.
func (d *Directory) Whose(ctx context.Context, people []incident.PersonID, kind incident.ChannelKind, value string) (found incident.PersonID, own string, err error) {
	want := Alike(kind, value)
	if len(people) > maxKnown || want == "" {
		return "", "", nil
	}
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT person, sealed FROM reach WHERE person = ANY ((SELECT $1::text[])::text[]) AND kind = $2 AND verified IS NOT NULL`, people, kind).Query(func(rows pgx.Rows) error {
			var person incident.PersonID
			var sealed []byte
			several := false
			_, err := pgx.ForEachRow(rows, []any{&person, &sealed}, func() error {
				plain, err := d.o.Vault.Open(sealReach, sealed, reachAD(person, kind))
				if err != nil || Alike(kind, string(plain)) != want {
					return err
				}
				several = several || found != ""
				found, own = person, string(plain)
				return nil
			})
			if several {
				found, own = "", ""
			}
			return err
		})
	})
	if err != nil {
		return "", "", fmt.Errorf("directory: whose: %w", err)
	}
	return found, own, nil
}

// Alike is a number or address as it is compared: +44 7700 900123 and
// 07700 900123 are one, and so are addresses in capitals. Empty for what is
// neither.
func Alike(kind incident.ChannelKind, value string) string {
	if kind == incident.ByEmail {
		return strings.ToLower(strings.TrimSpace(value))
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, value)
	switch {
	case strings.HasPrefix(strings.TrimSpace(value), "+"):
		return digits
	case strings.HasPrefix(digits, "00"):
		return digits[2:]
	case strings.HasPrefix(digits, "0"):
		return "44" + digits[1:]
	}
	return digits
}

// BringCode sends six digits to a number or address that was verified before.
func (d *Directory) BringCode(ctx context.Context, kind incident.ChannelKind, to, code string) error {
	if !d.Sends(kind) {
		return incident.Refuse(incident.Conflict, "No code can be sent that way from this server.")
	}
	return d.o.Sender.SendCode(ctx, kind, to, code)
}
