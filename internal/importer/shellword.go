package importer

import "strings"

// What stands in a word for what a shell or cron acts on, so that nobody takes it for a literal.
const (
	active      = "\x00" // a variable, a command, or what another language could read otherwise
	barePercent = "\x01" // a % at which cron ends the command
)

// shellLexer reads a line as a POSIX shell does. What only other languages read otherwise is active in the words that it
// gives, because scripts are not told apart by their language.
type shellLexer struct {
	text string
	at   int
	// open are the quotes and substitutions that are open, innermost last: one of ' " ( and `.
	open []byte
}

func (l *shellLexer) innermost() byte {
	if len(l.open) == 0 {
		return 0
	}
	return l.open[len(l.open)-1]
}

// quoted reports whether a quote is open, in the innermost substitution.
func (l *shellLexer) quoted() bool { return l.innermost() == '\'' || l.innermost() == '"' }

func (l *shellLexer) push(c byte) { l.open = append(l.open, c) }
func (l *shellLexer) pop()        { l.open = l.open[:len(l.open)-1] }

// skipTo goes on to a place in the text.
func (l *shellLexer) skipTo(at int) {
	for l.at < at {
		l.next()
	}
}

// next reads a character, and gives what it adds to a word. ends: it stands outside of quotes and ends the word.
func (l *shellLexer) next() (added string, ends bool) {
	c := l.text[l.at]
	l.at++
	switch {
	case l.innermost() == '\'':
		return l.inSingle(c), false
	case c == '\\':
		return l.escaped(), false
	case c == '$':
		if strings.HasPrefix(l.text[l.at:], "(") {
			l.at++
			l.push('(')
		}
		return active, false
	case c == '`':
		return l.backtick()
	case l.innermost() == '"':
		return l.inDouble(c), false
	case c == '\'' || c == '"':
		l.push(c)
		return "", false
	case c == ')' && l.innermost() == '(':
		l.pop()
		return "", true
	case strings.IndexByte(" \t|;&<>()", c) >= 0:
		return string(c), true
	case c == '^':
		return active, false // Windows takes it off.
	}
	return string(c), false
}

func (l *shellLexer) inSingle(c byte) string {
	switch c {
	case '\'':
		l.pop()
		return ""
	case '"', ' ', '\t':
		return active // No URL has these: the quotes are those of another language, or of a command within a command.
	}
	return string(c)
}

func (l *shellLexer) inDouble(c byte) string {
	switch c {
	case '"':
		l.pop()
		return ""
	case '\'', ' ', '\t':
		return active
	}
	return string(c)
}

// escaped is what a backslash makes of the next character.
func (l *shellLexer) escaped() string {
	if l.at == len(l.text) {
		return active
	}
	c := l.text[l.at]
	if l.innermost() == '"' && strings.IndexByte("$`\"\\", c) < 0 {
		return `\`
	}
	l.at++
	return string(c)
}

// backtick begins a substitution, or ends the one that is open.
func (l *shellLexer) backtick() (added string, ends bool) {
	for i := len(l.open) - 1; i >= 0; i-- {
		if l.open[i] == '`' {
			ends = !l.quoted()
			l.open = l.open[:i]
			return active, ends
		}
	}
	l.push('`')
	return active, false
}
