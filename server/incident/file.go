package incident

import (
	"encoding/base64"
	"encoding/hex"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

func init() {
	register[*FileTaken](KindInfo{Log: AccessLog, Root: true})
}

// FileTaken says, on the access log, that a member took an attachment of a
// restricted entry. It is committed before the first byte is given out.
type FileTaken struct {
	Entry Seq `json:"entry"` // of the room's log
	File  int `json:"file"`  // which of its attachments: 1, 2 …
}

func (*FileTaken) kind() Kind { return "file.taken" }

// Bounds of attachments.
const (
	MaxFile     = 100_000_000 // bytes of one
	MaxFiles    = 10          // of one entry
	MaxFileName = 200         // bytes of UTF-8
)

// File is one attachment of an entry: slot 6 lists them. What it says of the
// content is the server's own finding, never the sender's word.
type File struct {
	Commitment string `json:"commitment"` // base64 of SHA-256("WARDROOM/1/file\n" ‖ salt[32] ‖ u64 size ‖ content)
	ID         BlobID `json:"id"`
	Name       string `json:"name"`   // as CleanFileName leaves it: fit to be shown and saved
	Salt       string `json:"salt"`   // base64 of 32 random bytes
	SHA256     string `json:"sha256"` // of the content, in hex: by it a bundle names the file
	Size       int64  `json:"size"`   // bytes
	Type       string `json:"type"`   // what its first bytes look like; told, never trusted
}

// BlobID names stored content: 128 random bits in base32. The same file sent
// twice has two.
type BlobID string

// Valid reports whether the id has the form RandomID makes.
func (id BlobID) Valid() bool { return idPattern.MatchString(string(id)) }

// attached is the value of slot 6.
type attached struct {
	Files []File `json:"files"`
}

// FilesErased reports whether what was attached to the entry was erased.
func (e *Event) FilesErased() bool { return slices.Contains(e.Erased, SlotAttachments) }

var fileType = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+_-]{0,100}$`)

// Valid reports whether the file is described as the server describes one.
func (f *File) Valid() bool {
	salt, err := base64.StdEncoding.DecodeString(f.Salt)
	commitment, err2 := base64.StdEncoding.DecodeString(f.Commitment)
	sum, err3 := hex.DecodeString(f.SHA256)
	return err == nil && err2 == nil && err3 == nil && len(salt) == 32 && len(commitment) == 32 && len(sum) == 32 && strings.ToLower(f.SHA256) == f.SHA256 &&
		f.ID.Valid() && f.Size > 0 && f.Size <= MaxFile && f.Name == CleanFileName(f.Name) && fileType.MatchString(f.Type)
}

// devices are names that Windows takes for something other than a file,
// whatever their extension.
var devices = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$`)

// CleanFileName makes a name fit to be shown and to be saved by any system: no
// folder of it is left, nothing in it is invisible, controls anything or turns
// the direction of the text (a name that reads "invoice.pdf" and is an .exe),
// and no system takes it for a device. What it cannot keep becomes "_"; what
// comes to nothing is "file". CleanFileName(CleanFileName(x)) is CleanFileName(x).
func CleanFileName(told string) string {
	name := strings.ReplaceAll(strings.ToValidUTF8(told, "_"), `\`, "/")
	if name = path.Base(name); name == "/" || name == "." || name == ".." {
		return "file"
	}
	var b strings.Builder
	for _, r := range name {
		switch {
		case unfit(r):
			b.WriteByte('_')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	name = trimmed(b.String())
	if len(name) > MaxFileName {
		ext := path.Ext(name)
		if len(ext) > 16 {
			ext = ""
		}
		name = trimmed(cutText(strings.TrimSuffix(name, ext), MaxFileName-len(ext))) + ext
	}
	if name == "" {
		return "file"
	}
	if stem, _, _ := strings.Cut(name, "."); devices.MatchString(strings.TrimRight(stem, " ")) {
		name = cutText("_"+name, MaxFileName)
	}
	return name
}

// trimmed takes off what a system would drop or hide: spaces at both ends,
// dots at either.
func trimmed(name string) string { return strings.Trim(name, " .") }

// cutText cuts at the end of a character.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// unfit reports characters that no file's name keeps: controls, format
// characters (direction marks, joiners, tags), private use, separators of
// lines, fillers without ink, and what some system gives a meaning of its own.
func unfit(r rune) bool {
	if strings.ContainsRune("/\\:*?\"<>|", r) || r == utf8.RuneError {
		return true
	}
	switch {
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFFA0, r == 0x2800:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r)
}
