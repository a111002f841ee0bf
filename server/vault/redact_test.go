package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
)

func TestKeysDoNotPrint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault")
	check(t, Create(path))
	v, err := New(path)
	check(t, err)
	k, _ := newLogKey(t, v, "room-a")
	handle, _, err := read(path)
	check(t, err)

	// Four bytes of each secret, in every form that a verb could give them.
	var traces []string
	for _, secret := range [][]byte{v.s().lookup[:], k.s().body, insecurecleartextkeyset.KeysetMaterial(handle).Key[0].KeyData.Value[8:]} {
		b := secret[:4]
		traces = append(traces, string(b), hex.EncodeToString(b), base64.StdEncoding.EncodeToString(secret[:3]),
			strings.Trim(fmt.Sprint(b), "[]"), fmt.Sprintf("% x", b), strings.Trim(fmt.Sprintf("%#v", b), "[]byte{}"))
	}
	type holder struct {
		v Vault
		k Key
		p *Key
	}
	for _, x := range []any{v, *v, k, *k, []*Key{k}, map[string]Key{"a": *k}, struct{ Key Key }{*k}, holder{*v, *k, k}, &holder{*v, *k, k}, fmt.Errorf("with %v", k)} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", x)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "x", x)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "x", x)
		b, err := json.Marshal(x)
		check(t, err)
		out.Write(b)
		for _, trace := range traces {
			if strings.Contains(out.String(), trace) || strings.Contains(strings.ToLower(out.String()), strings.ToLower(trace)) && len(trace) > 6 {
				t.Errorf("%T prints %q", x, trace)
			}
		}
	}
	if k.String() != "(redacted)" || v.String() != "(redacted)" || fmt.Sprintf("%+v", k) != "(redacted)" {
		t.Error("no placeholder")
	}
}
