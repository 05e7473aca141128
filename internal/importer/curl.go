package importer

import (
	"bytes"
	"net/url"
	"strings"

	"ddns-batch/internal/lazyregexp"
)

// active stands for a $ or a backtick that a shell acts on, until it is known whether anybody asks for that value.
const active = "\x00"

var (
	crontabLine    = lazyregexp.New(`^\s*(@[a-z]+|([0-9*][0-9*,/-]*\s+){3}[0-9*a-zA-Z][0-9*,/a-zA-Z-]*\s+[0-9*a-zA-Z][0-9*,/a-zA-Z-]*)\s`)
	batchVariable  = lazyregexp.New(`%[A-Za-z_]\w{2,}%`)
	nextLine       = lazyregexp.New(`[\\^]\s*$`)
	beginsAfterURL = lazyregexp.New(`[\s"'` + "`" + `<>)]`)
)

// readCurl takes the URLs of updates out of crontabs and scripts, as far as these have them in writing.
func readCurl(s *source) {
	text, first, n := "", 0, 0
	for raw := range bytes.Lines(s.data) {
		n++
		if text == "" {
			first = n
		}
		line := strings.TrimRight(string(raw), "\r\n")
		if nextLine.MatchString(line) {
			text += nextLine.ReplaceAllString(line, "")
			continue
		}
		s.command(first, text+line)
		text = ""
	}
	s.command(first, text)
}

// command takes the URLs of one line.
func (s *source) command(line int, text string) {
	if !updateMark.MatchString(text) {
		if strings.Contains(strings.ToLower(text), updateHost) && !strings.HasPrefix(strings.TrimSpace(text), "#") {
			s.note(line, NeedsYou, "the URL is put together here, which is not followed; write these records into hosts.yaml by hand")
		}
		return
	}
	if strings.HasPrefix(strings.TrimSpace(text), "#") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "rem ") {
		s.note(line, LeftOut, "a comment")
		return
	}
	cron := crontabLine.MatchString(text)
	for {
		at := updateMark.FindStringIndex(text)
		if at == nil {
			return
		}
		query := text[at[1]:]
		quote := openQuote(text[:at[0]])
		end := beginsAfterURL.FindStringIndex(query)
		if quote != 0 {
			if i := strings.IndexByte(query, quote); i >= 0 {
				end = []int{i, i + 1}
			}
		}
		text = ""
		if end != nil {
			query, text = query[:end[0]], query[end[1]:]
		}
		if quote == 0 && strings.Contains(query, "&") {
			s.note(line, Never, "without quotes a shell ends the URL at the first &, and nothing whole is sent; taken as it is written")
		}
		s.update(line, query, quote, cron)
	}
}

// openQuote is the quote that is open at the end of text; 0 if none is.
func openQuote(text string) byte {
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote == c:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	return quote
}

// update takes the record of one URL.
func (s *source) update(line int, query string, quote byte, cron bool) {
	if cron {
		if i := strings.IndexByte(strings.ReplaceAll(query, `\%`, ""), '%'); i >= 0 {
			s.note(line, Never, "cron ends a command at a %% without a backslash, so this was never sent as a whole")
		}
		query = strings.ReplaceAll(query, `\%`, "%")
	}
	if quote != '\'' {
		query = strings.NewReplacer(`\&`, "&", `\$`, "$", "$", active, "`", active, `\`, "").Replace(query)
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		values[strings.ToLower(key)] = value
	}
	host, domain := literalValue(values["host"]), literalValue(values["domain"])
	if host == nil || domain == nil || *domain == "" {
		s.note(line, NeedsYou, "host or domain are not in writing here, and nothing is run to find out; write these records into hosts.yaml by hand")
		return
	}
	var p password
	if secret := literalValue(values["password"]); secret != nil {
		p = literal(*secret)
	} else {
		s.note(line, NeedsYou, "the password is not in writing here, and nothing is run to find out")
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
