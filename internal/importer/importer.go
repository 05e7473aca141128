// Package importer reads the configurations of other updaters, and says which records at Namecheap they keep up to date
// and with which passwords. It runs nothing, expands no variable and opens no file by itself; what it says never quotes a
// value that could be a password.
package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/provider"
)

// Format is a kind of configuration.
type Format string

// Formats are all that can be read, in the order in which they are listed.
func Formats() []Format {
	names := make([]Format, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// formats are tried in this order where a format is told by its content.
var formats = []struct {
	name Format
	read func(*source)
}{
	{"ddclient", readDdclient},
	{"inadyn", readInadyn},
	{"ddns-updater", readDdnsUpdater},
	{"ddns-go", readDdnsGo},
	{"openwrt", readOpenWrt},
	{"pfsense", readPfSense},
	{"env", readEnv},
	{"curl", readCurl},
	{"ini", readINI},
}

// File is one that is to be read.
type File struct {
	Path string // as it was named
	Data []byte
}

// Options say how files are read.
type Options struct {
	// Format is that of all files; empty: it is told by the content of each.
	Format Format
	// Open reads a file that another one includes. Path is in the folder of that file.
	Open func(path string) ([]byte, error)
	// EnvFile is how the YAML file is to name its env file; empty: not at all.
	EnvFile string
}

// Kind says what a note is about.
type Kind int

// The kinds of notes.
const (
	Taken      Kind = iota // records that were taken
	Replaced               // a setting that is not carried over, and what does its work here
	LeftOut                // what is not Namecheap's, or is switched off
	Never                  // what the other program never did with this, or did otherwise
	NeedsYou               // what somebody has to decide or to add
	Unreadable             // what is not of the format
)

func (k Kind) String() string {
	return [...]string{"taken", "replaced", "left out", "note", "needs you", "cannot be read"}[k]
}

// Note is something to be said about a place in a file. Its text holds no password.
type Note struct {
	File string
	Line int // 0: the whole file
	Kind Kind
	Text string
}

func (n Note) String() string {
	place := n.File
	if n.Line > 0 {
		place = fmt.Sprintf("%s:%d", n.File, n.Line)
	}
	return place + ": " + n.Kind.String() + ": " + n.Text
}

// Result is what was found in the files.
type Result struct {
	// Draft has at least one entry unless Records is 0.
	Draft   config.Draft
	Records int
	// Notes are in the order of the files and their lines.
	Notes []Note
	// Read has the files that were named, in their order.
	Read []Reading
}

// Reading is how a file was read.
type Reading struct {
	File string
	// Format is empty where it was not recognised.
	Format Format
	// LeftOut is how many entries were left out.
	LeftOut int
}

// Has reports whether there is a note of one of these kinds.
func (r *Result) Has(kinds ...Kind) bool {
	return slices.ContainsFunc(r.Notes, func(n Note) bool { return slices.Contains(kinds, n.Kind) })
}

// Import reads files.
func Import(files []File, o Options) *Result {
	r := &Result{}
	var claims []claim
	for _, f := range files {
		s := &source{file: f.Path, data: f.Data, open: o.Open, seen: map[string]bool{}, size: len(f.Data)}
		format := s.parse(o.Format)
		r.Read = append(r.Read, Reading{f.Path, format, s.leftOut})
		claims = append(claims, s.claims...)
		r.Notes = append(r.Notes, s.notes...)
	}
	m := merge(claims)
	r.Draft = m.draft(o.EnvFile)
	r.Records = m.records
	r.Notes = inOrder(files, append(r.Notes, m.notes...))
	r.Draft.Intro = intro(files)
	r.Draft.Outro = append(r.Draft.Outro, unfinished(r.Notes)...)
	return r
}

// inOrder sorts notes by the place of their files among those that were named, and by their lines. Files that these
// include stand where they are included.
func inOrder(files []File, notes []Note) []Note {
	place := map[string]int{}
	for _, n := range notes {
		if _, known := place[n.File]; !known {
			place[n.File] = len(place) + len(files)
		}
	}
	for i, f := range files {
		place[f.Path] = i
	}
	slices.SortStableFunc(notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(place[a.File], place[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return notes
}

func intro(files []File) []string {
	var names []string
	for _, f := range files {
		names = append(names, f.Path)
	}
	return []string{"made by ddns-batch import from " + strings.Join(names, ", ")}
}

// unfinished repeats in the YAML what needs somebody.
func unfinished(notes []Note) []string {
	var lines []string
	for _, n := range notes {
		if n.Kind == NeedsYou || n.Kind == Unreadable {
			lines = append(lines, n.String())
		}
	}
	return lines
}

// source is one file that is being read, with what was found in it.
type source struct {
	file   string // the one that is being read, which may be included by another
	data   []byte
	open   func(path string) ([]byte, error)
	claims []claim
	notes  []Note
	// leftOut counts the notes of that kind.
	leftOut int
	seen    map[string]bool
	// within are the files that are being read, each included by the one before it.
	within []string
	// included counts the files that were included, and size is that of all files together.
	included, size int
}

// claim is a record as another program has it.
type claim struct {
	file string
	line int
	// host and domain are as they are written. Without a domain host is a full name.
	host, domain string
	password     password
}

// password is what a file says about one: exactly one field is set, or none where it says nothing.
type password struct {
	secret   provider.Secret
	variable string // its value is the password
	path     string // a file that holds the password
}

func literal(value string) password { return password{secret: provider.NewSecret(value)} }

// take adds a record, and reports whether there is room for more.
func (s *source) take(line int, host, domain string, p password) bool {
	if len(s.claims) == mostRecords {
		s.once(line, NeedsYou, fmt.Sprintf("there are more than %d records; the others are left out", mostRecords))
		return false
	}
	s.claims = append(s.claims, claim{s.file, line, host, domain, p})
	return true
}

// share reports whether a value may count for many records, and notes where it is too long for that.
func (s *source) share(line int, value string) bool {
	if len(value) > longestShared {
		s.note(line, NeedsYou, "this value is longer than %d KiB; it is left out", longestShared>>10)
		return false
	}
	return true
}

func (s *source) note(line int, kind Kind, format string, args ...any) {
	s.notes = append(s.notes, Note{s.file, line, kind, fmt.Sprintf(format, args...)})
	if kind == LeftOut {
		s.leftOut++
	}
}

// once is note for what is worth saying only the first time.
func (s *source) once(line int, kind Kind, text string) {
	if !s.seen[text] {
		s.seen[text] = true
		s.note(line, kind, "%s", text)
	}
}

// The words for settings that many programs have.
const (
	aboutAddress = "where the address is found: ip.sources in hosts.yaml; the default needs no setting"
	aboutTimer   = "how often: cron or a timer runs ddns-batch --quiet, every five minutes"
	aboutMail    = "mail: cron mails what ddns-batch --quiet prints, which is only what is new"
	aboutTLS     = "ssl: updates always go over HTTPS"
	aboutRefresh = "how often to send even if nothing changed: refresh_after in hosts.yaml, 24h by default"
	aboutIPv6    = "IPv6: Namecheap's dynamic DNS has A records only"
	aboutFiles   = "its own files: ddns-batch keeps a state, which ddns-batch status shows"
)

// notEncoded warns of a password that the program put into the URL as it is.
func (s *source) notEncoded(line int, program string, p password) {
	if strings.ContainsAny(p.secret.Reveal(), "&#%+ ") {
		s.once(line, Never, program+" sends the password without encoding it, so Namecheap may have received a different one; ddns-batch encodes it")
	}
}
