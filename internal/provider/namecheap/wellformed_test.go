package namecheap

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// wellFormed reports whether text is a well-formed document by XML 1.0 and Namespaces in XML 1.0. It has nothing in common
// with encoding/xml. A document with a DOCTYPE is never well-formed here, because no reply has one.
func wellFormed(text string) (ok bool) {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !isChar(r) }) {
		return false
	}
	defer func() {
		if e := recover(); e != nil {
			if e != errMalformed {
				panic(e)
			}
			ok = false
		}
	}()
	p := &xmlParser{rest: text, prefixes: []binding{{"xml", xmlSpace}}}
	p.document()
	return true
}

const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

type malformed struct{}

var errMalformed = malformed{}

// binding is a prefix and the name space that it stands for.
type binding struct{ prefix, space string }

// xmlParser reads rest by one function for each production of the grammar, which panics where the text is not like that.
type xmlParser struct {
	rest     string
	prefixes []binding // innermost last
}

func (p *xmlParser) must(ok bool) {
	if !ok {
		panic(errMalformed)
	}
}

func (p *xmlParser) has(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

// until returns what stands before token, and goes behind it.
func (p *xmlParser) until(token string) string {
	before, after, found := strings.Cut(p.rest, token)
	p.must(found)
	p.rest = after
	return before
}

func (p *xmlParser) space() bool {
	rest := strings.TrimLeft(p.rest, " \t\r\n")
	some := rest != p.rest
	p.rest = rest
	return some
}

func (p *xmlParser) document() {
	if strings.HasPrefix(p.rest, "<?xml") && strings.ContainsAny(p.rest[5:min(6, len(p.rest))], " \t\r\n") {
		p.declaration()
	}
	p.misc()
	p.must(p.has("<"))
	p.element()
	p.misc()
	p.must(p.rest == "")
}

func (p *xmlParser) declaration() {
	p.must(p.has("<?xml") && p.space() && p.has("version"))
	version, ok := strings.CutPrefix(p.equals(), "1.")
	p.must(ok && version != "" && strings.Trim(version, "0123456789") == "")
	space := p.space()
	if space && p.has("encoding") {
		name := p.equals()
		p.must(name != "" && isASCIILetter(name[0]) && strings.IndexFunc(name, func(r rune) bool {
			return r > '~' || !isASCIILetter(byte(r)) && !strings.ContainsRune("0123456789._-", r)
		}) < 0)
		space = p.space()
	}
	if space && p.has("standalone") {
		value := p.equals()
		p.must(value == "yes" || value == "no")
		p.space()
	}
	p.must(p.has("?>"))
}

// equals reads = and a value in quotes.
func (p *xmlParser) equals() string {
	p.space()
	p.must(p.has("="))
	p.space()
	if p.has(`"`) {
		return p.until(`"`)
	}
	p.must(p.has("'"))
	return p.until("'")
}

func (p *xmlParser) misc() {
	for p.space() || p.comment() || p.instruction() {
	}
}

func (p *xmlParser) comment() bool {
	if !p.has("<!--") {
		return false
	}
	p.until("--")
	p.must(p.has(">"))
	return true
}

func (p *xmlParser) instruction() bool {
	if !p.has("<?") {
		return false
	}
	target := p.name()
	p.must(!strings.EqualFold(target, "xml") && !strings.Contains(target, ":"))
	if !p.has("?>") {
		p.must(p.space())
		p.until("?>")
	}
	return true
}

// element reads what follows its first "<".
func (p *xmlParser) element() {
	name := p.name()
	outer := len(p.prefixes)
	var attributes []string
	for {
		space := p.space()
		if p.has("/>") {
			p.bind(name, attributes)
			p.prefixes = p.prefixes[:outer]
			return
		}
		if p.has(">") {
			break
		}
		p.must(space)
		attribute := p.name()
		value := p.equals()
		p.must(!strings.Contains(value, "<"))
		checked := xmlParser{rest: value}
		checked.text()
		if prefix, ok := strings.CutPrefix(attribute, "xmlns"); ok && (prefix == "" || prefix[0] == ':') {
			p.declare(strings.TrimPrefix(prefix, ":"), prefix != "", value)
		}
		attributes = append(attributes, attribute)
	}
	p.bind(name, attributes)
	for {
		p.text()
		switch {
		case p.has("</"):
			p.must(p.name() == name)
			p.space()
			p.must(p.has(">"))
			p.prefixes = p.prefixes[:outer]
			return
		case p.has("<![CDATA["):
			p.until("]]>")
		case p.comment(), p.instruction():
		default:
			p.must(p.has("<"))
			p.element()
		}
	}
}

// declare binds a prefix, or the default name space, in the element that is being read.
func (p *xmlParser) declare(prefix string, prefixed bool, space string) {
	p.must(prefix != "xmlns" && space != xmlnsSpace && (prefix == "xml") == (space == xmlSpace))
	p.must(!prefixed || prefix != "" && space != "")
	p.prefixes = append(p.prefixes, binding{prefix, space})
}

// bind checks the names of an element and its attributes, all of whose declarations are read.
func (p *xmlParser) bind(element string, attributes []string) {
	p.expand(element)
	seen := map[string]bool{}
	for _, a := range attributes {
		p.must(!seen[a])
		seen[a] = true
		if a == "xmlns" || strings.HasPrefix(a, "xmlns:") {
			continue
		}
		if full := p.expand(a); strings.Contains(a, ":") {
			p.must(!seen[full])
			seen[full] = true
		}
	}
}

func (p *xmlParser) expand(name string) string {
	prefix, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		return name
	}
	first, _ := utf8.DecodeRuneInString(local)
	p.must(prefix != "" && local != "" && !strings.Contains(local, ":") && isNameStart(first))
	for i := len(p.prefixes) - 1; i >= 0; i-- {
		if b := p.prefixes[i]; b.prefix == prefix {
			return b.space + " " + local
		}
	}
	panic(errMalformed)
}

// text reads characters and references up to the next tag.
func (p *xmlParser) text() {
	for {
		end := strings.IndexAny(p.rest, "<&")
		if end < 0 {
			end = len(p.rest)
		}
		p.must(!strings.Contains(p.rest[:end], "]]>"))
		p.rest = p.rest[end:]
		if !p.has("&") {
			return
		}
		reference := p.until(";")
		switch digits, numeric := strings.CutPrefix(reference, "#"); {
		case !numeric:
			p.must(strings.Contains("|amp|lt|gt|quot|apos|", "|"+reference+"|"))
		default:
			base := 10
			if hex, ok := strings.CutPrefix(digits, "x"); ok {
				digits, base = hex, 16
			}
			p.must(strings.Trim(digits, "0123456789abcdefABCDEF") == "")
			n, err := strconv.ParseUint(digits, base, 64)
			p.must(err == nil && n <= unicode.MaxRune && isChar(rune(n)))
		}
	}
}

func (p *xmlParser) name() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !isNameStart(r) && !unicode.In(r, nameRest) })
	if end < 0 {
		end = len(p.rest)
	}
	name := p.rest[:end]
	first, _ := utf8.DecodeRuneInString(name)
	p.must(name != "" && isNameStart(first))
	p.rest = p.rest[end:]
	return name
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= unicode.MaxRune
}

func isNameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ':' || r == '_' || isASCIILetter(byte(r))
	}
	return unicode.In(r, nameStart)
}

// nameStart is NameStartChar beyond ASCII, and nameRest what NameChar has besides.
var (
	nameStart = &unicode.RangeTable{
		R16: []unicode.Range16{{0xC0, 0xD6, 1}, {0xD8, 0xF6, 1}, {0xF8, 0x2FF, 1}, {0x370, 0x37D, 1}, {0x37F, 0x1FFF, 1}, {0x200C, 0x200D, 1},
			{0x2070, 0x218F, 1}, {0x2C00, 0x2FEF, 1}, {0x3001, 0xD7FF, 1}, {0xF900, 0xFDCF, 1}, {0xFDF0, 0xFFFD, 1}},
		R32: []unicode.Range32{{0x10000, 0xEFFFF, 1}},
	}
	nameRest = &unicode.RangeTable{R16: []unicode.Range16{{'-', '.', 1}, {'0', '9', 1}, {0xB7, 0xB7, 1}, {0x300, 0x36F, 1}, {0x203F, 0x2040, 1}}}
)

func TestWellFormed(t *testing.T) {
	for _, text := range []string{
		"<a/>", "<a></a >", "<a\n/>", `<?xml version="1.0"?><a/>`, `<?xml version='1.1' encoding = "utf-16" standalone='no' ?> <a/> `,
		"<!-- c --><a/><!-- d -->", "<?p?><a/><?p q?>", "<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;&#xd;</a>", "<a><![CDATA[<&]]></a>",
		`<a b="1" c='"'/>`, `<x:a xmlns:x="urn:x" x:b="1" b="1"/>`, `<a xmlns="urn:a"><b xmlns=""/></a>`, "<é/>", "<a.b-c_d/>", "<a>]] ></a>",
		`<a xml:lang="en"/>`, "<a>\u0085\ufffd</a>", "<a b=\"\n&#10;\"/>", "<a><!----></a>", "<a><?xmlp?></a>",
	} {
		if !wellFormed(text) {
			t.Errorf("%q is well-formed", text)
		}
	}
	for _, text := range []string{
		"", "a", "<a>", "<a></b>", "<a/><b/>", "<a/>b", "b<a/>", "< a/>", "<a/ >", "</a>", "<a></a b>", `<a b=1/>`, `<a b/>`, `<a b="1"c="2"/>`,
		`<a b="1" b="2"/>`, `<a b="<"/>`, `<a b="&"/>`, `<a b="&x;"/>`, "<x:a/>", `<a x:b="1"/>`, "<a:/>", "<:a/>", "<a:b:c/>", `<a xmlns:x=""/>`,
		`<a xmlns:xmlns="u"/>`, `<a xmlns:xml="u"/>`, `<a xmlns:x="u" xmlns:y="u" x:b="" y:b=""/>`, `<a><b xmlns:x="u"/><x:c/></a>`, "<1/>", "<-a/>",
		"<a>&nbsp;</a>", "<a>&amp</a>", "<a>&</a>", "<a>&#0;</a>", "<a>&#x1F;</a>", "<a>&#xD800;</a>", "<a>&#xFFFE;</a>", "<a>&#x110000;</a>", "<a>&#;</a>",
		"<a>&#x;</a>", "<a>&#X41;</a>", "<a>&#1a;</a>", "<a>]]></a>", "<a><!-- -- --></a>", "<a><!-- ---></a>", "<a><!--</a>", "<a><![CDATA[</a>",
		"<![CDATA[ ]]><a/>", "<a/>&#32;", "<a>\x01</a>", "<!--\x01--><a/>", "<a>\xff</a>", "<a>\ufffe</a>", "<a><?xml?></a>", "<a><?XML ?></a>", "<?XML?><a/>",
		` <?xml version="1.0"?><a/>`, `<?xml version="1.0"?><?xml version="1.0"?><a/>`, "<?xml?><a/>", `<?xml encoding="utf-8"?><a/>`, `<?xml version="2.0"?><a/>`,
		`<?xml version="1."?><a/>`, `<?xml version="1.0"encoding="utf-8"?><a/>`, `<?xml version="1.0" encoding=""?><a/>`, `<?xml version="1.0" encoding="8"?><a/>`,
		`<?xml version="1.0" encoding="é"?><a/>`, `<?xml version="1.0" standalone="maybe"?><a/>`, `<?xml version="1.0" standalone="no" encoding="utf-8"?><a/>`,
		`<?xml version=1.0?><a/>`, `<?xml version="1.0">`, "<a><? p?></a>", "<a><?p", "<!DOCTYPE a><a/>", "<a><!DOCTYPE a></a>", "<a><?p:q?></a>",
	} {
		if wellFormed(text) {
			t.Errorf("%q is not well-formed", text)
		}
	}
}
