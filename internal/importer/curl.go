package importer

import (
	"bytes"
	"net/url"
	"strings"

	"ddns-batch/internal/lazyregexp"
)

var (
	crontabLine   = lazyregexp.New(`^\s*(@[a-z]+|([0-9*][0-9*,/-]*\s+){3}[0-9*a-zA-Z][0-9*,/a-zA-Z-]*\s+[0-9*a-zA-Z][0-9*,/a-zA-Z-]*)\s`)
	batchVariable = lazyregexp.New(`%[A-Za-z_]\w{2,}%|![A-Za-z_]\w*!`)
	nextLine      = lazyregexp.New(`[\\^]\s*$`)
	// endsString is what stands behind the quote that ends a text in other languages.
	endsString = lazyregexp.New(`^[,\]}]+([\s);]|$)`)
	// joinsString is what joins more to it there.
	joinsString = lazyregexp.New(`^\s*(\+|[.%]\s)`)
)

// readCurl takes the URLs of updates out of crontabs and scripts, as far as these have them in writing.
func readCurl(s *source) {
	var parts []string
	first, n := 0, 0
	for raw := range bytes.Lines(s.data) {
		n++
		if len(parts) == 0 {
			first = n
		}
		line := strings.TrimRight(string(raw), "\r\n")
		if nextLine.MatchString(line) {
			parts = append(parts, nextLine.ReplaceAllString(line, ""))
			continue
		}
		s.command(first, strings.Join(append(parts, line), ""))
		parts = nil
	}
	s.command(first, strings.Join(parts, ""))
}

// command takes the URLs of one line.
func (s *source) command(line int, text string) {
	if !updateMark.MatchString(text) {
		if strings.Contains(strings.ToLower(text), updateHost) && !strings.HasPrefix(strings.TrimSpace(text), "#") {
			s.note(line, NeedsYou, "the URL is built from parts here, which import does not follow; add these records to hosts.yaml by hand")
		}
		return
	}
	if strings.HasPrefix(strings.TrimSpace(text), "#") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "rem ") {
		s.note(line, LeftOut, "a comment")
		return
	}
	if crontabLine.MatchString(text) {
		text = cronPercent.Replace(text)
	}
	l := &shellLexer{text: text}
	for {
		at := updateMark.FindStringIndex(text[l.at:])
		if at == nil {
			return
		}
		l.skipTo(l.at + at[1])
		s.update(line, s.query(line, l))
	}
}

// cronPercent does what cron does before the shell reads a line.
var cronPercent = strings.NewReplacer(`\%`, "%", "%", barePercent)

// query reads the rest of the word in which the lexer stands.
func (s *source) query(line int, l *shellLexer) string {
	var b strings.Builder
	quoted, depth, parted, ended := l.quoted(), len(l.open), false, false
	for !ended && l.at < len(l.text) {
		begin := l.at
		behind := quoted && len(l.open) < depth && !l.quoted()
		if behind && strings.IndexByte(`'"`, l.text[begin-1]) >= 0 && endsString.MatchString(l.text[begin:]) {
			break
		}
		added, ends := l.next()
		switch {
		case ends && added == "&" && !quoted:
			parted = true
		case ends && added != "(":
			added, ended = "", true
		case ends, behind && strings.IndexByte(`'"\`, l.text[begin]) < 0:
			added = active // A call or an operator in another language.
		}
		b.WriteString(added)
	}
	if parted {
		s.note(line, Never, "without quotes a shell cuts off the URL at the first &, so no complete update was ever sent; taken as it is written")
	}
	if l.at == len(l.text) && l.quoted() || joinsString.MatchString(l.text[l.at:]) {
		b.WriteString(active)
	}
	return b.String()
}

// update takes the record of one URL.
func (s *source) update(line int, query string) {
	if strings.Contains(query, barePercent) {
		s.note(line, Never, "cron cuts off a command at a %% without a backslash, so no complete update was ever sent")
		query = strings.ReplaceAll(query, barePercent, "%")
	}
	query, _, fragment := strings.Cut(query, "#")
	if fragment {
		s.note(line, Never, "a URL is sent only up to its #; taken as it was sent")
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		values[strings.ToLower(key)] = value
	}
	host, domain := literalValue(values["host"]), literalValue(values["domain"])
	if host == nil || domain == nil || *domain == "" {
		s.note(line, NeedsYou, "the host or the domain is not written out here, and nothing is run to find it; add these records to hosts.yaml by hand")
		return
	}
	var p password
	if secret := literalValue(values["password"]); secret != nil {
		p = literal(*secret)
	} else {
		s.note(line, NeedsYou, "the password is not written out here, and nothing is run to find it")
	}
	s.take(line, *host, *domain, p)
}

// literalValue is a value of a query, unless something has to be run, or replaced, to know it.
func literalValue(written string) *string {
	if strings.ContainsAny(written, active+"{}[]<>") || batchVariable.MatchString(written) {
		return nil
	}
	value, err := url.QueryUnescape(written)
	if err != nil {
		return nil
	}
	return &value
}
