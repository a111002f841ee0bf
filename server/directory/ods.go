package directory

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wardroom/server/incident"
)

// The Organisation Data Service gives each body of the health service a code
// that is never used again. Its search and its export tool both give tables,
// whose headings differ; either is read here, as a CSV file (RFC 4180, UTF-8)
// with a line of headings.

// MaxODSRows bounds a table; MaxODSBytes its size.
const (
	MaxODSRows  = 10_000
	MaxODSBytes = 4 << 20
)

// Import is what a table of organisations would change on the books.
type Import struct {
	File    string // SHA-256 of the table, in hex
	Rows    int
	Same    int // rows that change nothing
	Added   []incident.Organisation
	Changed []Change
	Closed  []incident.OrgClosing // may name those in Added
	Refused []RowNote             // rows that are left out
	Notes   []RowNote             // rows that are taken, not in all they say
}

// Change is an organisation as it stands on the books, and as the table has it.
type Change struct{ Was, Now incident.Organisation }

// RowNote is something about a row of the table.
type RowNote struct {
	Line int // in the file, from 1
	Code string
	Why  string
}

// headings are the columns that are read, by what either tool calls them; in
// small letters, without anything but letters and digits. Others are ignored.
var headings = map[string][]string{
	"code":      {"orgid", "code", "odscode", "organisationcode", "organisationid"},
	"name":      {"name", "organisationname"},
	"role":      {"primaryroleid", "roleid", "primaryrole", "role"},
	"type":      {"type", "orgtype", "organisationtype", "subtype"},
	"described": {"primaryroledescription", "roledescription", "primaryrolename"},
	"status":    {"status"},
	"opened":    {"opendate", "operationalstartdate", "legalstartdate", "startdate"},
	"ended":     {"closedate", "operationalenddate", "legalenddate", "enddate"},
	"successor": {"successor", "successorcode", "successororganisationcode", "succeededby"},
}

// trust stands for a role that does not say which kind of trust it is.
const trust incident.OrgType = "trust"

// roles are the primary roles that organisations of a kind have here. A role
// that is not among them is refused, unless the row itself gives a type.
var roles = map[string]incident.OrgType{
	"RO197": trust, "RO98": incident.CCG, "RO261": incident.ICB, "RO213": incident.CSU, "RO177": incident.OtherBody,
	"NHS TRUST": trust, "CLINICAL COMMISSIONING GROUP": incident.CCG, "SUB ICB LOCATION": incident.CCG, "INTEGRATED CARE BOARD": incident.ICB,
	"COMMISSIONING SUPPORT UNIT": incident.CSU, "PRESCRIBING COST CENTRE": incident.OtherBody,
}

// The role of a place of a trust's: it is no organisation of its own.
const siteRole, siteDescribed = "RO198", "NHS TRUST SITE"

// typeWords are the product's types as a person writes them in a table.
var typeWords = map[string]incident.OrgType{"acute": incident.Acute, "ambulance": incident.Ambulance, "mental health": incident.MentalHealth,
	"community": incident.Community, "law enforcement": incident.Police, "police": incident.Police, "region": incident.Region, "government": incident.Government,
	"supplier": incident.Supplier, "audit": incident.Audit, "other": incident.OtherBody, "icb": incident.ICB, "ccg": incident.CCG, "csu": incident.CSU}

// reader works a table through.
type reader struct {
	sys    *incident.System
	trusts incident.OrgType
	today  string
	column map[string]int
	byODS  map[string]incident.OrgID
	seen   map[string]string // code → the row, to find what is given twice
	got    *Import
	added  map[incident.OrgID]bool
	ends   []ending
}

// ending waits until all that is added is known.
type ending struct {
	line      int
	ods       string
	code      incident.OrgID
	ended     string
	successor string
	closed    bool // stands closed already
}

// ReadODS works out what a table of organisations would change. Trusts whose
// row and name do not say of which kind they are, are taken for trusts; if that
// is empty their rows are refused. today decides whether a closing date has
// passed. What the whole table is refused for is an incident.Invalid.
func ReadODS(file []byte, sys *incident.System, trusts incident.OrgType, today time.Time) (*Import, error) {
	sum := sha256.Sum256(file)
	r := &reader{sys: sys, trusts: trusts, today: today.UTC().Format(time.DateOnly), byODS: map[string]incident.OrgID{}, seen: map[string]string{},
		got: &Import{File: hex.EncodeToString(sum[:])}, added: map[incident.OrgID]bool{}}
	for code, o := range sys.Orgs {
		if o.ODS != "" {
			r.byODS[o.ODS] = code
		}
	}
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	switch {
	case len(file) > MaxODSBytes:
		return nil, incident.BadField("file", "This table is too large: at most %d MB.", MaxODSBytes>>20)
	case !utf8.Valid(file):
		return nil, incident.BadField("file", "This table is not UTF-8. Save it as “CSV UTF-8”.")
	}
	in := csv.NewReader(bytes.NewReader(file))
	in.FieldsPerRecord, in.ReuseRecord = -1, true
	head, err := in.Read()
	if err != nil {
		return nil, broken(err)
	}
	if err := r.columns(head); err != nil {
		return nil, err
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		line, _ := in.FieldPos(0)
		if r.got.Rows++; r.got.Rows > MaxODSRows {
			return nil, incident.BadField("file", "This table has more than %d rows. Split it.", MaxODSRows)
		}
		r.row(line, row)
	}
	r.close()
	return r.got, nil
}

func broken(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return incident.BadField("file", "Line %d is no row of a CSV table: a quotation mark is missing or stray.", p.Line)
	}
	return incident.BadField("file", "This table is empty.")
}

func (r *reader) columns(head []string) error {
	r.column = map[string]int{}
	for what, names := range headings {
		for _, name := range names { // the first that there is
			i := slices.IndexFunc(head, func(h string) bool { return plain(h) == name })
			if i >= 0 {
				r.column[what] = i
				break
			}
		}
	}
	_, code := r.column["code"]
	_, name := r.column["name"]
	if !code || !name {
		return incident.BadField("file", "The first line must name the columns, at least OrgId (or Code) and Name.")
	}
	return nil
}

func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(s))
}

func (r *reader) row(line int, row []string) {
	cell := func(what string) string {
		i, ok := r.column[what]
		if !ok || i >= len(row) {
			return ""
		}
		return strings.Join(strings.Fields(row[i]), " ")
	}
	code := strings.ToUpper(cell("code"))
	refuse := func(why string, args ...any) {
		shown := code
		if !incident.OrgID(code).Valid() {
			shown = ""
		}
		r.got.Refused = append(r.got.Refused, RowNote{line, shown, fmt.Sprintf(why, args...)})
	}
	name := cell("name")
	switch {
	case !incident.OrgID(code).Valid():
		refuse("The code is not one: 2 to 12 capital letters and digits.")
		return
	case name == "" || utf8.RuneCountInString(name) > 160 || strings.ContainsFunc(name, incident.Disguises):
		refuse("It has no name, or one of more than 160 characters, or with an invisible one in it.")
		return
	}
	said := strings.Join([]string{name, cell("role"), cell("type"), cell("described"), cell("status"), cell("opened"), cell("ended"), cell("successor")}, "\x00")
	if before, twice := r.seen[code]; twice {
		if before == said {
			r.got.Same++
		} else {
			refuse("%s is given twice, and differently. The first row counts.", code)
		}
		return
	}
	opened, ok1 := day(cell("opened"))
	ended, ok2 := day(cell("ended"))
	if !ok1 || !ok2 {
		refuse("A date is not one: write 2022-07-01.")
		return
	}
	at, known := r.byODS[code]
	if !known {
		at = incident.OrgID(code)
		if o, taken := r.sys.Orgs[at]; taken {
			if known = o.ODS == ""; !known {
				refuse("The code is another organisation's here: %s.", o.Name)
				return
			}
		}
	}
	was := r.sys.Orgs[at]
	kind, why := r.kind(cell("type"), cell("role"), cell("described"), name, was.Type)
	if why != "" {
		refuse("%s", why)
		return
	}
	r.seen[code] = said
	over := strings.EqualFold(cell("status"), "inactive") || ended != "" && ended <= r.today
	switch {
	case known && r.sys.Closed[at] && !over:
		refuse("It has closed here, and the table says that it is open. A code that was closed is not used again.")
		return
	case over && r.sys.IsHost(at):
		refuse("It is one of the joint hosts. Name another host before it is closed.")
		return
	}
	now := was
	now.Code, now.ODS, now.Type, now.Opened = at, code, kind, cmp.Or(opened, was.Opened)
	if !strings.EqualFold(was.Name, name) { // the service writes in capitals
		now.Name = name
	}
	switch {
	case !known:
		r.got.Added = append(r.got.Added, now)
		r.added[at] = true
	case now != was:
		r.got.Changed = append(r.got.Changed, Change{was, now})
	case !over:
		r.got.Same++
	}
	if over {
		r.ends = append(r.ends, ending{line, code, at, ended, strings.ToUpper(cell("successor")), known && r.sys.Closed[at]})
	}
}

// kind says what an organisation is: as the row says; else as its role does;
// of a trust, as it stands here, as its name shows, or as the reader was told.
func (r *reader) kind(typed, role, described, name string, was incident.OrgType) (incident.OrgType, string) {
	if was == incident.HostBody {
		return was, "" // whatever the service calls it
	}
	role, described = strings.ToUpper(role), strings.ToUpper(described)
	t := incident.OrgType("")
	if typed != "" {
		if slices.Contains(incident.OrgTypes, incident.OrgType(strings.ToLower(typed))) {
			t = incident.OrgType(strings.ToLower(typed))
		} else if t = typeWords[strings.TrimSuffix(strings.ToLower(typed), " trust")]; t == "" {
			t = roles[strings.ToUpper(typed)]
		}
		if t == "" {
			return "", "Its type is none that there is here. Write for example acute_trust or icb."
		}
		if t == incident.HostBody {
			return "", "Hosts are named by administrators, not by a table."
		}
	}
	if t == "" {
		if role == siteRole || described == siteDescribed || role == siteDescribed {
			return "", "It is a place of a trust, and no organisation of its own."
		}
		if t = cmp.Or(roles[role], roles[described]); t == "" && was != "" && role == "" && described == "" {
			t = was // the table does not say, and need not
		}
	}
	switch t {
	case "":
		return "", "Its role is none that is known here. Add a column Type that says what it is."
	case trust:
	default:
		return t, ""
	}
	switch lower := strings.ToLower(name); {
	case slices.Contains([]incident.OrgType{incident.Acute, incident.Ambulance, incident.MentalHealth, incident.Community}, was):
		return was, ""
	case strings.Contains(lower, "ambulance"):
		return incident.Ambulance, ""
	case strings.Contains(lower, "mental health"):
		return incident.MentalHealth, ""
	case strings.Contains(lower, "community"):
		return incident.Community, ""
	case r.trusts == "":
		return "", "The table does not say what kind of trust it is. Add a column Type, or choose what such trusts are taken for."
	}
	return r.trusts, ""
}

// day reads a date as either tool writes it; empty stays empty.
func day(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	for _, layout := range []string{time.DateOnly, "20060102", "02/01/2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// close works out what closes, once all that is there is known.
func (r *reader) close() {
	next := map[incident.OrgID]incident.OrgID{}
	for code, o := range r.sys.Orgs {
		if o.Successor != "" {
			next[code] = o.Successor
		}
	}
	for _, e := range r.ends {
		to := incident.OrgID("")
		if e.successor != "" {
			at, ok := r.byODS[e.successor]
			if code := incident.OrgID(e.successor); !ok && (r.added[code] || r.sys.Orgs[code].Code == code) {
				at, ok = code, true
			}
			switch {
			case !ok:
				r.got.Notes = append(r.got.Notes, RowNote{e.line, e.ods, "What it became is not on the books, and not in the table: it closes without a successor."})
			case leads(next, at, e.code):
				r.got.Notes = append(r.got.Notes, RowNote{e.line, e.ods, "What it became leads back to itself: it closes without a successor."})
			default:
				to = at
			}
		}
		was := r.sys.Orgs[e.code]
		if e.closed && (to == "" || to == was.Successor) && (e.ended == "" || e.ended == was.Ended) {
			if !slices.ContainsFunc(r.got.Changed, func(c Change) bool { return c.Now.Code == e.code }) {
				r.got.Same++
			}
			continue
		}
		if to != "" {
			next[e.code] = to
		}
		r.got.Closed = append(r.got.Closed, incident.OrgClosing{Code: e.code, Ended: e.ended, Successor: to})
	}
}

// leads reports whether successors lead from one organisation to another.
func leads(next map[incident.OrgID]incident.OrgID, from, to incident.OrgID) bool {
	for range len(next) + 1 {
		if from == to {
			return true
		}
		n, ok := next[from]
		if !ok {
			return false
		}
		from = n
	}
	return true
}

// Left is how many organisations are still to be entered.
func (i *Import) Left() int { return len(i.Added) + len(i.Changed) + len(i.Closed) }

// Part is the first n of what is to be entered: what is added, then what
// changed, then what closed, so that a successor is there before it is named.
func (i *Import) Part(n int) *incident.OrganisationsEntered {
	e := &incident.OrganisationsEntered{File: i.File, Added: i.Added[:min(n, len(i.Added))]}
	n -= len(e.Added)
	for _, c := range i.Changed[:min(n, len(i.Changed))] {
		e.Changed = append(e.Changed, c.Now)
	}
	e.Closed = i.Closed[:min(n-len(e.Changed), len(i.Closed))]
	return e
}
