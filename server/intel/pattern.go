package intel

import (
	"strings"

	"wardroom/server/incident"
)

// A STIX pattern (2.1, section 9) that says one thing of one kind, or several
// of which any will do, is carried as indicators, and so are a file's name and
// hashes together. Every other pattern is carried whole, as one indicator of
// kind other: taken apart it would say something else.

// term is one comparison of a pattern.
type term struct {
	kind  incident.IndicatorKind
	value string
}

// parsePattern reads a pattern that can be carried as indicators. and says that
// all terms must hold, of one file.
func parsePattern(p string) (terms []term, and, ok bool) {
	r := patternReader{s: p}
	ors, ands, groups := 0, 0, 0
	for {
		if !r.sign('[') {
			return nil, false, false
		}
		groups++
		for {
			t, ok := r.term()
			if !ok {
				return nil, false, false
			}
			terms = append(terms, t)
			if r.sign(']') {
				break
			}
			switch r.word() {
			case "OR":
				ors++
			case "AND":
				ands++
			default:
				return nil, false, false
			}
		}
		if r.rest() == "" {
			break
		}
		if r.word() != "OR" {
			return nil, false, false
		}
		ors++
	}
	switch {
	case ands == 0:
		return terms, false, true
	case ors > 0 || groups > 1:
		return nil, false, false
	}
	for i, t := range terms { // one file's name and hashes, each once
		if fileProperty(t.kind) == "" {
			return nil, false, false
		}
		for _, o := range terms[:i] {
			if o.kind == t.kind {
				return nil, false, false
			}
		}
	}
	return terms, true, true
}

// wholePattern reports whether p has a pattern's outer form: brackets, closed
// quotes and nothing that would break a line.
func wholePattern(p string) bool {
	p = strings.TrimSpace(p)
	if len(p) < 5 || strings.IndexByte("[(", p[0]) < 0 || !strings.Contains(p, ":") {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case quoted && c == '\\':
			i++
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0 && !quoted
}

type patternReader struct {
	s string
	i int
}

func (r *patternReader) space() {
	for r.i < len(r.s) && strings.IndexByte(" \t\r\n", r.s[r.i]) >= 0 {
		r.i++
	}
}

func (r *patternReader) rest() string { r.space(); return r.s[r.i:] }

func (r *patternReader) sign(c byte) bool {
	r.space()
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *patternReader) word() string {
	r.space()
	from := r.i
	for r.i < len(r.s) && 'A' <= r.s[r.i] && r.s[r.i] <= 'Z' {
		r.i++
	}
	return r.s[from:r.i]
}

func (r *patternReader) term() (term, bool) {
	path, ok := r.path()
	if !ok || !r.sign('=') {
		return term{}, false
	}
	value, ok := r.literal()
	if !ok {
		return term{}, false
	}
	kind, ok := paths[path]
	if kind == incident.ASN {
		value = "AS" + value
	}
	if !ok {
		return term{}, false
	}
	if value, ok = valid(kind, value); !ok {
		return term{}, false
	}
	return term{kind, value}, true
}

// path reads an object path and gives it without quotes, hashes in capitals
// and without a hyphen: file:hashes.SHA256.
func (r *patternReader) path() (string, bool) {
	r.space()
	var b strings.Builder
	for r.i < len(r.s) {
		c := r.s[r.i]
		if c == '\'' {
			end := strings.IndexByte(r.s[r.i+1:], '\'')
			if end < 0 {
				return "", false
			}
			b.WriteString(r.s[r.i+1 : r.i+1+end])
			r.i += end + 2
			continue
		}
		if !isAlnum(c) && strings.IndexByte("-_:.", c) < 0 {
			break
		}
		b.WriteByte(c)
		r.i++
	}
	p := b.String()
	if hash, ok := strings.CutPrefix(p, "file:hashes."); ok {
		p = "file:hashes." + strings.ToUpper(strings.ReplaceAll(hash, "-", ""))
	}
	return p, p != ""
}

// literal reads a string, or an integer.
func (r *patternReader) literal() (string, bool) {
	r.space()
	if r.i < len(r.s) && r.s[r.i] != '\'' {
		from := r.i
		for r.i < len(r.s) && '0' <= r.s[r.i] && r.s[r.i] <= '9' {
			r.i++
		}
		return r.s[from:r.i], r.i > from
	}
	var b strings.Builder
	for r.i++; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; c {
		case '\\':
			if r.i++; r.i < len(r.s) {
				b.WriteByte(r.s[r.i])
			}
		case '\'':
			r.i++
			return b.String(), true
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// paths are the object paths that a kind of indicator is.
var paths = map[string]incident.IndicatorKind{
	"ipv4-addr:value": incident.IPv4, "ipv6-addr:value": incident.IPv6, "domain-name:value": incident.Domain, "url:value": incident.URL,
	"email-addr:value": incident.Email, "mac-addr:value": incident.MAC, "mutex:name": incident.Mutex, "windows-registry-key:key": incident.Registry,
	"autonomous-system:number": incident.ASN, "file:name": incident.FileName, "file:hashes.MD5": incident.MD5, "file:hashes.SHA1": incident.SHA1,
	"file:hashes.SHA256": incident.SHA256, "file:hashes.SHA512": incident.SHA512, "file:hashes.SSDEEP": incident.SSDeep,
	otherPath: incident.OtherIOC,
}

// otherPath is of what STIX has no object for, such as a wallet's address.
const otherPath = "x-wardroom-other:value"

// pathOf is the path that a kind is written as.
var pathOf = map[incident.IndicatorKind]string{
	incident.IPv4: "ipv4-addr:value", incident.IPv6: "ipv6-addr:value", incident.Domain: "domain-name:value", incident.URL: "url:value",
	incident.Email: "email-addr:value", incident.MAC: "mac-addr:value", incident.Mutex: "mutex:name", incident.Registry: "windows-registry-key:key",
	incident.ASN: "autonomous-system:number", incident.FileName: "file:name", incident.MD5: "file:hashes.MD5", incident.SHA1: "file:hashes.'SHA-1'",
	incident.SHA256: "file:hashes.'SHA-256'", incident.SHA512: "file:hashes.'SHA-512'", incident.SSDeep: "file:hashes.SSDEEP",
	incident.OtherIOC: otherPath,
}

// fileProperty is the key under which a file object has this kind: a hash's
// name, or name; empty if it has none.
func fileProperty(k incident.IndicatorKind) string {
	switch k {
	case incident.MD5:
		return "MD5"
	case incident.SHA1:
		return "SHA-1"
	case incident.SHA256:
		return "SHA-256"
	case incident.SHA512:
		return "SHA-512"
	case incident.SSDeep:
		return "SSDEEP"
	case incident.FileName:
		return "name"
	}
	return ""
}

// writePattern is the pattern of indicators that are one object's.
func writePattern(list []incident.Indicator, and bool) string {
	op := " OR "
	if and {
		op = " AND "
	}
	var b strings.Builder
	b.WriteByte('[')
	for i, x := range list {
		if i > 0 {
			b.WriteString(op)
		}
		b.WriteString(pathOf[x.Kind])
		if x.Kind == incident.ASN {
			b.WriteString(" = " + strings.TrimPrefix(x.Value, "AS"))
			continue
		}
		b.WriteString(" = '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(x.Value) + "'")
	}
	b.WriteByte(']')
	return b.String()
}
