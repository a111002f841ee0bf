package intel

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/xurls/v2"

	"wardroom/server/incident"
)

// Extract finds indicators in text, defanged or not: addresses, domains, URLs,
// e-mail addresses, hashes, CVEs, file names and MITRE ATT&CK ids. Each is
// given once, in the order of the text. A URL's host is not given beside it:
// blocking a whole site for one page would be the reader's own decision. Time
// is linear in the text; text that is longer than an indicator may be without
// a break is passed over.
func Extract(text string) []incident.Indicator {
	e := extraction{seen: map[found]bool{}}
	for chunk := range strings.FieldsFuncSeq(Refang(text), parts) {
		e.chunk(chunk)
	}
	return e.list
}

type found struct {
	kind  incident.IndicatorKind
	value string
}

type extraction struct {
	seen map[found]bool
	list []incident.Indicator
}

func (e *extraction) add(kind incident.IndicatorKind, value string) {
	f := found{kind, value}
	if e.seen[f] || len(value) > incident.MaxIndicatorValue || disguised(value) {
		return
	}
	e.seen[f] = true
	e.list = append(e.list, incident.Indicator{Kind: kind, Value: value})
}

// parts says where no indicator goes on.
func parts(r rune) bool {
	switch r {
	case '"', '\'', '<', '>', '`', '“', '”', '‘', '’', '«', '»', '\u200b', '\ufeff':
		return true
	}
	return unicode.IsSpace(r) || r < ' '
}

// chunk looks through text without a break: first for URLs, then for words
// between them.
func (e *extraction) chunk(c string) {
	for c != "" {
		at, n := nextURL(c)
		if at < 0 {
			e.words(c)
			return
		}
		e.words(c[:at])
		if u := trimURL(c[at : at+n]); validURL(u) {
			e.add(incident.URL, u)
		}
		c = c[at+n:]
	}
}

// schemes are those by which something is fetched or called.
var schemes = map[string]bool{"http": true, "https": true, "ftp": true, "ftps": true, "sftp": true, "tcp": true, "udp": true, "ldap": true, "ldaps": true,
	"smb": true, "ws": true, "wss": true, "irc": true, "ircs": true, "ssh": true, "telnet": true, "rtsp": true, "socks5": true, "socks4": true, "dns": true}

const longestScheme = 6

// nextURL returns where the next URL of the chunk begins and how long it is at
// most, or -1.
func nextURL(c string) (at, n int) {
	for from := 0; ; {
		i := strings.Index(c[from:], "://")
		if i < 0 {
			return -1, 0
		}
		i += from
		start := schemeBefore(c, i)
		if start < 0 {
			from = i + 3
			continue
		}
		end := i + 3
		for { // up to a list's next URL
			j := strings.Index(c[end:], "://")
			if j < 0 {
				end = len(c)
				break
			}
			next := schemeBefore(c, end+j)
			if next > i+3 && strings.IndexByte(",;|", c[next-1]) >= 0 {
				end = next
				break
			}
			end += j + 3
		}
		if bar := strings.IndexAny(c[i:end], "|^{}\\"); bar >= 0 {
			end = i + bar
		}
		return start, end - start
	}
}

// schemeBefore returns where the scheme that ends at i begins, or -1.
func schemeBefore(c string, i int) int {
	start := i
	for start > 0 && i-start <= longestScheme && isAlnum(c[start-1]) {
		start--
	}
	if !schemes[strings.ToLower(c[start:i])] {
		return -1
	}
	return start
}

// trimURL takes off what belongs to the sentence around a URL.
func trimURL(u string) string {
	for u != "" {
		switch u[len(u)-1] {
		case '.', ',', ';', ':', '!', '?', '*', '\\':
		case ')':
			if strings.IndexByte(u, '(') >= 0 {
				return u
			}
		case ']':
			if strings.IndexByte(u, '[') >= 0 {
				return u
			}
		default:
			return u
		}
		u = u[:len(u)-1]
	}
	return u
}

// validURL reports whether u has a known scheme and a host that could be one.
func validURL(u string) bool {
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok || !schemes[strings.ToLower(scheme)] || len(u) > incident.MaxIndicatorValue {
		return false
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if strings.HasPrefix(host, "[") {
		inner, _, ok := strings.Cut(host[1:], "]")
		_, err := netip.ParseAddr(inner)
		return ok && err == nil
	}
	host, _ = cutPort(host)
	_, four := ipv4(host)
	_, domain := domainOf(host)
	return four || domain
}

// words looks through what stands between URLs.
func (e *extraction) words(c string) {
	for w := range strings.FieldsFuncSeq(c, oneOf(",;()[]{}|*!")) {
		if e.word(w) {
			continue
		}
		for part := range strings.FieldsFuncSeq(w, oneOf("=&")) { // a setting: name=value
			if e.word(part) || strings.IndexByte(part, ':') < 0 {
				continue
			}
			for last := range strings.SplitSeq(part, ":") { // "Host:example.com", "sha256:…"
				e.word(last)
			}
		}
	}
}

// word adds what a word is, without the punctuation around it.
func (e *extraction) word(w string) bool {
	if len(w) > incident.MaxIndicatorValue {
		return false
	}
	kind, value, ok := Classify(strings.TrimRight(strings.TrimLeft(w, "-_.:?#>~="), ".:?-_#>~/\\="))
	if ok {
		e.add(kind, value)
	}
	return ok
}

func oneOf(signs string) func(rune) bool {
	return func(r rune) bool { return r < utf8.RuneSelf && strings.IndexByte(signs, byte(r)) >= 0 }
}

// Classify says what kind of indicator a word is, and its value in normal
// form: hashes, addresses and domains in lower case, CVEs in upper case. The
// word is live, and holds nothing else.
func Classify(w string) (incident.IndicatorKind, string, bool) {
	if len(w) < 3 || len(w) > incident.MaxIndicatorValue {
		return "", "", false
	}
	for _, try := range tries {
		if value, ok := try.as(w); ok {
			return try.kind, value, true
		}
	}
	return "", "", false
}

// tries are in the order in which they are more certain.
var tries = []struct {
	kind incident.IndicatorKind
	as   func(string) (string, bool)
}{
	{incident.MD5, hexOf(32)}, {incident.SHA1, hexOf(40)}, {incident.SHA256, hexOf(64)}, {incident.SHA512, hexOf(128)},
	{incident.CVE, cve}, {incident.Mitre, mitre}, {incident.ASN, asn}, {incident.Registry, registry},
	{incident.URL, wholeURL}, {incident.Email, email}, {incident.IPv4, ipv4}, {incident.MAC, mac}, {incident.IPv6, ipv6},
	{incident.SSDeep, ssdeep}, {incident.FileName, fileName}, {incident.Domain, domainWithPort}, {incident.URL, bareURL},
}

func hexOf(n int) func(string) (string, bool) {
	return func(w string) (string, bool) {
		if len(w) != n {
			return "", false
		}
		for i := range len(w) {
			if !isHex(w[i]) {
				return "", false
			}
		}
		return strings.ToLower(w), true
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// cve reads CVE-2017-0144.
func cve(w string) (string, bool) {
	if len(w) < 13 || !strings.EqualFold(w[:4], "CVE-") || w[8] != '-' || !digits(w[4:8], 4, 4) || !digits(w[9:], 4, 12) {
		return "", false
	}
	return strings.ToUpper(w), true
}

// mitre reads ids of MITRE ATT&CK: techniques and sub-techniques, tactics,
// software, groups, mitigations and campaigns. Only as they are printed, in
// capitals and of the ranges in use: S1234 in a sentence is common enough.
func mitre(w string) (string, bool) {
	switch {
	case w[0] == 'T' && len(w) == 5 && w[1] == '1' && digits(w[1:], 4, 4),
		w[0] == 'T' && len(w) == 9 && w[1] == '1' && w[5] == '.' && digits(w[1:5], 4, 4) && digits(w[6:], 3, 3),
		len(w) == 6 && w[:4] == "TA00" && digits(w[4:], 2, 2),
		len(w) == 5 && (w[0] == 'S' || w[0] == 'G') && (w[1] == '0' || w[1] == '1') && digits(w[1:], 4, 4),
		len(w) == 5 && w[0] == 'M' && w[1] == '1' && digits(w[1:], 4, 4),
		len(w) == 5 && w[0] == 'C' && w[1] == '0' && digits(w[1:], 4, 4):
		return w, true
	}
	return "", false
}

// asn reads AS64496.
func asn(w string) (string, bool) {
	if w[:2] != "AS" || !digits(w[2:], 1, 10) {
		return "", false
	}
	n, err := strconv.ParseUint(w[2:], 10, 32)
	return "AS" + strconv.FormatUint(n, 10), err == nil
}

var hives = []string{"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT", "HKEY_USERS", "HKEY_CURRENT_CONFIG", "HKLM", "HKCU", "HKCR", "HKU"}

func registry(w string) (string, bool) {
	if w[0] != 'H' && w[0] != 'h' {
		return "", false
	}
	hive, key, ok := strings.Cut(w, `\`)
	if !ok || key == "" {
		return "", false
	}
	for _, h := range hives {
		if strings.EqualFold(hive, h) {
			return w, true
		}
	}
	return "", false
}

func wholeURL(w string) (string, bool) { return w, strings.Contains(w, "://") && validURL(w) }

// bareURL reads an address with a path and without a scheme. None is invented.
func bareURL(w string) (string, bool) {
	i := strings.IndexByte(w, '/')
	if i <= 0 || i == len(w)-1 {
		return "", false
	}
	host, _ := cutPort(w[:i])
	_, four := ipv4(host)
	_, domain := domainOf(host)
	return w, (four || domain) && !strings.Contains(w, `\`)
}

func email(w string) (string, bool) {
	local, host, ok := strings.Cut(strings.TrimPrefix(w, "mailto:"), "@")
	if !ok || local == "" || len(local) > 64 || strings.ContainsAny(local, `/\:@`) || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") {
		return "", false
	}
	domain, ok := domainOf(host)
	return local + "@" + domain, ok
}

// ipv4 reads an address, with a prefix's length if it has one; a port is left
// off.
func ipv4(w string) (string, bool) {
	if w == "" || w[0] < '0' || w[0] > '9' {
		return "", false
	}
	w, _ = cutPort(w)
	if strings.IndexByte(w, '/') >= 0 {
		p, err := netip.ParsePrefix(w)
		return w, err == nil && p.Addr().Is4()
	}
	a, err := netip.ParseAddr(w)
	return w, err == nil && a.Is4()
}

// ipv6 reads an address, in the form of RFC 5952. One without a digit in that
// form is a word of some programming language.
func ipv6(w string) (string, bool) {
	if len(w) > 49 || strings.Count(w, ":") < 2 {
		return "", false
	}
	var normal string
	if strings.IndexByte(w, '/') >= 0 {
		p, err := netip.ParsePrefix(w)
		if err != nil || !p.Addr().Is6() {
			return "", false
		}
		normal, w, _ = strings.Cut(p.String(), "/")
		return normal + "/" + w, strings.ContainsAny(normal, "0123456789")
	}
	a, err := netip.ParseAddr(w)
	if err != nil || !a.Is6() || a.Zone() != "" {
		return "", false
	}
	normal = a.String()
	return normal, strings.ContainsAny(normal, "0123456789")
}

func mac(w string) (string, bool) {
	if len(w) != 17 {
		return "", false
	}
	sep := w[2]
	for i := range len(w) {
		if i%3 == 2 && w[i] != sep || i%3 != 2 && !isHex(w[i]) {
			return "", false
		}
	}
	return strings.ReplaceAll(strings.ToLower(w), "-", ":"), sep == ':' || sep == '-'
}

// ssdeep reads blocksize:hash:hash, as ssdeep prints it.
func ssdeep(w string) (string, bool) {
	size, rest, _ := strings.Cut(w, ":")
	one, two, ok := strings.Cut(rest, ":")
	if !ok || !digits(size, 1, 10) || len(one) < 6 || len(one) > 64 || len(two) < 3 || len(two) > 64 {
		return "", false
	}
	for _, part := range []string{one, two} {
		for i := range len(part) {
			if c := part[i]; !isAlnum(c) && c != '/' && c != '+' {
				return "", false
			}
		}
	}
	return w, true
}

// extensions are of files that turn up in incidents. Those that are top-level
// domains too stand in twofold.
var extensions = set(`exe dll sys scr pif cpl ocx drv bat cmd ps1 psm1 vbs vbe jse wsf wsh hta lnk msi msp jar class doc docx docm dot dotm xls xlsx xlsm xlsb xll ppt pptx pptm
	rtf pdf one rar 7z iso img vhd vhdx tar gz tgz bz2 xz elf bin dat tmp log txt ini cfg conf xml json yaml yml php asp aspx jsp html htm js css py pyc pyd so sh apk ipa dmg pkg
	deb rpm swf chm eml msg sql db sqlite bak key pem pfx crt wncry wnry wcry wncryt locked encrypted csv png jpg jpeg gif svg ico reg inf url iqy zip cab mov`)

var twofold = set("zip sh py so cab mov")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// fileName reads a name with an extension that files have, or a path to one.
func fileName(w string) (string, bool) {
	if strings.Contains(w, "://") || strings.IndexByte(w, '@') >= 0 {
		return "", false
	}
	path := strings.IndexByte(w, '\\') >= 0 || w[0] == '/' || w[0] == '%' || w[0] == '~'
	name := w
	if i := strings.LastIndexAny(w, `/\`); i >= 0 {
		if !path {
			return "", false
		}
		name = w[i+1:]
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || dot == len(name)-1 || dot == 0 && !path {
		return "", false
	}
	ext := strings.ToLower(name[dot+1:])
	if !extensions[ext] || strings.ContainsAny(name, ":*?\"<>|") {
		return "", false
	}
	if twofold[ext] && !path && strings.Count(name, ".") > 1 {
		if _, ok := domainOf(name); ok {
			return "", false
		}
	}
	return w, true
}

// domainWithPort reads a domain; a port is left off.
func domainWithPort(w string) (string, bool) {
	host, _ := cutPort(w)
	return domainOf(host)
}

// domainOf reads a domain name whose last label is a top-level domain, or one
// of those that are used as if they were (onion, i2p, local).
func domainOf(w string) (string, bool) {
	w = strings.TrimSuffix(w, ".")
	if len(w) < 4 || len(w) > 253 {
		return "", false
	}
	dot := strings.LastIndexByte(w, '.')
	if dot <= 0 || !topLevel[strings.ToLower(w[dot+1:])] {
		return "", false
	}
	for label := range strings.SplitSeq(w, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		for _, r := range label {
			if r < utf8.RuneSelf && !isAlnum(byte(r)) && r != '-' && r != '_' || r >= utf8.RuneSelf && !isLetter(r) {
				return "", false
			}
		}
	}
	return strings.ToLower(w), true
}

var topLevel = func() map[string]bool {
	m := map[string]bool{}
	for _, list := range [][]string{xurls.TLDs, xurls.PseudoTLDs} {
		for _, t := range list {
			m[t] = true
		}
	}
	return m
}()

// cutPort cuts a port off a host.
func cutPort(h string) (host, port string) {
	i := strings.LastIndexByte(h, ':')
	if i < 0 || !digits(h[i+1:], 1, 5) || strings.IndexByte(h, ':') != i {
		return h, ""
	}
	return h[:i], h[i+1:]
}

// disguised reports whether a value holds a character that makes it look other
// than it is, or would take more than a line. Such a value is never repaired:
// it would be another one.
func disguised(s string) bool {
	if isASCII(s) {
		for i := range len(s) {
			if s[i] < ' ' || s[i] == 0x7f {
				return true
			}
		}
		return false
	}
	if !utf8.ValidString(s) {
		return true
	}
	for _, r := range s {
		if incident.Disguises(r) || r == '\n' || r == '\r' || r == '\t' {
			return true
		}
	}
	return false
}

// valid are the values a kind may have where a file says which it is. Kinds
// that are not here take any one line.
func valid(kind incident.IndicatorKind, value string) (string, bool) {
	if value == "" || len(value) > incident.MaxIndicatorValue || strings.TrimSpace(value) == "" || disguised(value) {
		return "", false
	}
	switch kind {
	case incident.FileName, incident.Mutex, incident.Registry, incident.OtherIOC, incident.URL, incident.Mitre:
		return value, true
	case incident.Domain: // a file may name hosts of a private zone
		v := strings.ToLower(strings.TrimSuffix(value, "."))
		return v, v != "" && !strings.ContainsAny(v, " /\\@:")
	}
	if len(value) < 3 {
		return "", false
	}
	for _, try := range tries {
		if try.kind == kind {
			if v, ok := try.as(value); ok {
				return v, true
			}
		}
	}
	return "", false
}
