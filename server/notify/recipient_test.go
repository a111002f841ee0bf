package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// vectors reads a file of GOV.UK Notify's own test data, which is kept beside
// the repository and never in it.
func vectors(t *testing.T, name string, into any) {
	t.Helper()
	file := filepath.Join("..", "..", "..", "shared", "data", "notify", name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("SKIPPED: %s is not on this machine, so this is not measured with GOV.UK Notify's own data: %v", file, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

type recipients struct {
	Phone map[string][]string
	Email map[string][]string
}

func TestNumbersAreTakenAsNotifyTakesThem(t *testing.T) {
	var v recipients
	vectors(t, "recipient-vectors.json", &v)
	for _, group := range []struct {
		name string
		kind []PhoneKind
	}{
		{"valid_uk_mobile_phone_numbers", []PhoneKind{Mobile}},
		{"valid_international_phone_numbers", []PhoneKind{International}},
		{"valid_channel_island_numbers", []PhoneKind{Crown}},
		{"valid_uk_landlines", []PhoneKind{Landline}},
		{"invalid_uk_landlines", nil},
	} {
		if len(v.Phone[group.name]) == 0 {
			t.Errorf("no vectors of %s", group.name)
		}
		for _, text := range v.Phone[group.name] {
			p, err := ParsePhone(text)
			switch {
			case group.kind == nil && err == nil:
				t.Errorf("%s: %q is taken as %s", group.name, text, p.Digits())
			case group.kind != nil && err != nil:
				t.Errorf("%s: %q is refused: %v", group.name, text, err)
			case group.kind != nil && p.Kind() != group.kind[0]:
				t.Errorf("%s: %q is of kind %d, want %d", group.name, text, p.Kind(), group.kind[0])
			case group.name == "valid_uk_mobile_phone_numbers" && p.Digits() != "447723456789":
				t.Errorf("%q becomes %s", text, p.Digits())
			}
		}
	}
}

func TestAddressesAreTakenAsNotifyTakesThem(t *testing.T) {
	var v recipients
	vectors(t, "recipient-vectors.json", &v)
	for _, text := range v.Email["valid_email_addresses"] {
		if e, err := ParseEmail(text); err != nil || e.Address() != strings.ToLower(text) {
			t.Errorf("%q: %q, %v", text, e.Address(), err)
		}
	}
}

func TestANumberIsOneHoweverItIsWritten(t *testing.T) {
	for _, text := range []string{"07700900123", "07700 900123", "+447700900123", "0044 7700 900 123", "+44 (0)7700 900123", "7700900123", "447700900123",
		"0+447700900123", "000007700900123", "+07700900123", "0+44(0)7700900123", "07700‑900–123", "\u200b07700 900123\ufeff\r\n"} {
		p, err := ParsePhone(text)
		if err != nil || p.E164() != "+447700900123" || p.Kind() != Mobile || !p.Texts() || !p.Invented() || p.Shown() != "07700 900123" {
			t.Errorf("%q: %s, kind %d, %v", text, p.E164(), p.Kind(), err)
		}
	}
	for text, want := range map[string]string{"0191 498 0123": "0191 498 0123", "+1 202 555 0104": "+1 202-555-0104"} {
		if p, err := ParsePhone(text); err != nil || p.Shown() != want || p.Texts() || p.Invented() {
			t.Errorf("%q: %q %v", text, p.Shown(), err)
		}
	}
}

func TestWhatIsNoNumberIsRefusedForItsReason(t *testing.T) {
	for text, want := range map[string]error{
		"":                    ErrTooFewDigits,
		" \t\u200b":           ErrTooFewDigits,
		"077009001234567":     ErrTooManyDigits,
		"+44 7700 900 1234 5": ErrTooManyDigits,
		"0770090012":          ErrNoSuchNumber,
		"07890x32109":         ErrOtherCharacters,
		"07700 900123 ext 5":  ErrOtherCharacters,
		"0800-FLOWERS":        ErrOtherCharacters,
		"٠٧٧٠٠٩٠٠١٢٣":         ErrOtherCharacters,
		"0600 123 4567":       ErrNoSuchNumber,
		"0900 123 4567":       ErrNoSuchNumber,
		"07600 123456":        ErrNoSuchNumber, // a pager
		"+999 1234567":        ErrNoSuchPrefix,
	} {
		if p, err := ParsePhone(text); !errors.Is(err, want) {
			t.Errorf("%q: %q, %v, want %v", text, p.Digits(), err, want)
		}
	}
	for _, text := range []string{"", "email@123.123.123.123", "email@[123.123.123.123]", "plainaddress", "@no-local-part.com", "Outlook Contact <outlook-contact@domain.com>",
		"no-at.domain.com", "no-tld@domain", ";beginning-semicolon@domain.co.uk", "middle-semicolon@domain.co;uk", "trailing-semicolon@domain.com;",
		`"email+leading-quotes@domain.com`, "email+middle\"-quotes@domain.com", "quoted-local-part\"@domain.com", "two..dots@domain.com", "two-dots@domain..com",
		"two-at@@domain.com", "hyphen-start@-domain.com", "a@b.c1-", "multiple@domains@domain.com", "spaces in local@domain.com", "spaces-in-domain@dom ain.com",
		"a" + strings.Repeat("a", 320) + "@domain.com", "line\nbreak@domain.com\nBcc: x@y.com"} {
		if e, err := ParseEmail(text); err == nil && (strings.ContainsAny(e.Address(), " \n\r\";<>") || !strings.Contains(text, "\n")) {
			t.Errorf("%q is taken as %q", text, e.Address())
		}
	}
}

func TestWhatIsReadNeverHoldsMoreThanANumberOrAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`\+?[0-9 ()-]{0,18}`), rapid.StringMatching(`[a-z.+"\r\n;<]{1,8}@[a-z.-]{1,12}\.[a-z]{2,4}[\r\n ]{0,2}`)).Draw(t, "text")
		if p, err := ParsePhone(text); err == nil {
			if strings.Trim(p.Digits(), "0123456789") != "" || len(p.Digits()) > 15 || len(p.Digits()) < 5 {
				t.Fatalf("%q became %q", text, p.Digits())
			}
			if again, err := ParsePhone(p.E164()); err != nil || again != p {
				t.Fatalf("%q became %s, which becomes %v %v", text, p.E164(), again.E164(), err)
			}
		}
		if e, err := ParseEmail(text); err == nil {
			if strings.ContainsAny(e.Address(), "\r\n \t<>\",;:") || strings.Count(e.Address(), "@") != 1 {
				t.Fatalf("%q became %q", text, e.Address())
			}
		}
	})
}

func TestRecipientsPrintThemselvesMasked(t *testing.T) {
	p, _ := ParsePhone("07700 900123")
	e, _ := ParseEmail("hannah.osei@barts.example.nhs.uk")
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q", "%d", "%x"} {
		for _, of := range []any{p, e, struct {
			To   Phone
			Also Email
		}{p, e}, []Phone{p}} {
			said := fmt.Sprintf(verb, of)
			for _, secret := range []string{"7700", "900123", "hannah", "osei", "barts", fmt.Sprintf("%x", "447700900123")[:8], fmt.Sprintf("%x", "hannah")} {
				if strings.Contains(said, secret) {
					t.Errorf("%s of %T says %s", verb, of, said)
				}
			}
		}
	}
}
