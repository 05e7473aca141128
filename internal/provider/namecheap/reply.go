package namecheap

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"ddns-batch/internal/lazyregexp"
)

// document is what matters of a reply that is well-formed and has the right root.
type document struct {
	// Each child of the root of that name, in the order of the document, trimmed.
	errCount, done, ip []string
	// errors are the texts under <errors>, none of them empty.
	errors []string
	// numbers and descriptions are each ResponseNumber and ResponseString.
	numbers, descriptions []string
}

// What a body can be instead of a reply, in our own words.
var (
	errEmpty    = errors.New("an empty reply")
	errTooLong  = errors.New("a reply longer than 64 KiB")
	errPage     = errors.New("answered with a web page, not a reply (a captive portal?)")
	errText     = errors.New("answered with text, not a reply")
	errNotXML   = errors.New("answered with something that is not a reply")
	errCutOff   = errors.New("the reply is cut off")
	errDoctype  = errors.New("answered with a document that has a DOCTYPE, not a reply")
	errRoot     = errors.New("answered with another kind of document, not a reply")
	errTrailing = errors.New("the reply is followed by something else")
	errNested   = errors.New("a reply with elements in the wrong places")
)

// parse reads a body whole. encoding/xml alone would stop at the end of the root, let text stand before it, and take
// any root and any number of any element.
func parse(body []byte) (*document, error) {
	if len(body) > maxBody {
		return nil, errTooLong
	}
	text, err := decode(body)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, errEmpty
	}
	doc, err := walk(text)
	if err != nil && looksLikePage(text) {
		err = errPage
	}
	return doc, err
}

// decode gives the body as UTF-8, without a byte order mark and leading white space. UTF-16 is believed only of a body
// that begins with its mark: since 2021 replies in UTF-8 are labelled utf-16.
func decode(body []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case len(body) >= 2 && body[0] == 0xFF && body[1] == 0xFE:
		order = binary.LittleEndian
	case len(body) >= 2 && body[0] == 0xFE && body[1] == 0xFF:
		order = binary.BigEndian
	default:
		return strings.TrimLeft(string(body), "\uFEFF \t\r\n"), nil
	}
	if len(body)%2 != 0 {
		return "", errCutOff
	}
	units := make([]uint16, 0, len(body)/2)
	for pair := range slices.Chunk(body, 2) {
		units = append(units, order.Uint16(pair))
	}
	return strings.TrimLeft(string(utf16.Decode(units)), "\uFEFF \t\r\n"), nil
}

// declaration is the one that a reply may begin with. The encoding that it names does not count, as the text is UTF-8 by
// now. It is not left to encoding/xml, which refuses version 1.1 and accepts malformed and repeated declarations.
var declaration = lazyregexp.New(`^<\?xml\s+version\s*=\s*(?:"1\.[01]"|'1\.[01]')` +
	`(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?` +
	`(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>`)

// walk reads a reply, and refuses some well-formed documents that no reply resembles: what encoding/xml does not check
// about attributes, prefixes, instructions and characters then need not be checked here either.
func walk(whole string) (*document, error) {
	text := whole[len(declaration.FindString(whole)):]
	d := xml.NewDecoder(strings.NewReader(text))

	var doc document
	var path []string
	var value strings.Builder
	closed := false
	for {
		start := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF && closed {
			if strings.ContainsFunc(whole, neverInReply) {
				return nil, errNotXML
			}
			return &doc, nil
		}
		if err != nil {
			if d.InputOffset() >= int64(len(text)) {
				return nil, errCutOff
			}
			return nil, errNotXML
		}
		// As it is written: outside of the root, white space must not be a reference or a CDATA section.
		blank := strings.Trim(text[start:d.InputOffset()], " \t\r\n") == ""
		if closed && !blank {
			return nil, errTrailing
		}
		switch token := token.(type) {
		case xml.ProcInst:
			return nil, errNotXML
		case xml.Directive:
			return nil, errDoctype
		case xml.CharData:
			if len(path) == 0 && !blank {
				return nil, errText
			}
			if bytes.ContainsRune(token, unicode.ReplacementChar) {
				return nil, errNotXML // a reference to a surrogate
			}
			value.Write(token)
		case xml.StartElement:
			if err := checkElement(token, path); err != nil {
				return nil, err
			}
			doc.note(path, value.String())
			value.Reset()
			path = append(path, token.Name.Local)
		case xml.EndElement:
			doc.note(path, value.String())
			doc.count(path, value.String())
			value.Reset()
			path = path[:len(path)-1]
			closed = len(path) == 0
		}
	}
}

// checkElement says what is wrong with an element below path. Real replies have no attributes and no prefixes.
func checkElement(e xml.StartElement, path []string) error {
	name := e.Name.Local
	switch {
	case len(path) == 0 && (name != "interface-response" || e.Name.Space != ""):
		return errRoot
	case e.Name.Space != "" || len(e.Attr) > 0 || strings.ContainsFunc(name, notInName):
		return errNotXML
	case len(path) > 0 && isProof(path[len(path)-1]) || isProof(name) && len(path) != 1:
		return errNested
	}
	return nil
}

// notInName reports whether no name in a reply has r. What encoding/xml takes for a name begins with a letter, _ or a colon.
func notInName(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
}

// isProof tells the elements that success is proved by. They are children of the root and have no children.
func isProof(name string) bool { return name == "ErrCount" || name == "Done" || name == "IP" }

// neverInReply reports whether XML forbids r; encoding/xml does not check comments. The replacement character is what became
// of bytes that are not UTF-8 or not UTF-16.
func neverInReply(r rune) bool {
	return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r >= unicode.ReplacementChar && r <= '\uFFFF'
}

// count takes in an element that has ended: one without text counts as well.
func (d *document) count(path []string, text string) {
	text = strings.TrimSpace(text)
	switch path[len(path)-1] {
	case "ErrCount":
		d.errCount = append(d.errCount, text)
	case "Done":
		d.done = append(d.done, text)
	case "IP":
		d.ip = append(d.ip, text)
	}
}

// note takes in a piece of text between two tags.
func (d *document) note(path []string, text string) {
	text = strings.TrimSpace(text)
	if text == "" || len(path) < 2 {
		return
	}
	if path[1] == "errors" {
		d.errors = append(d.errors, text)
	}
	// Replies of the first generation number these names: ResponseNumber1, ResponseString1.
	switch name := path[len(path)-1]; {
	case strings.HasPrefix(name, "ResponseNumber"):
		d.numbers = append(d.numbers, text)
	case strings.HasPrefix(name, "ResponseString"):
		d.descriptions = append(d.descriptions, text)
	}
}

// looksLikePage tells a web page from other rubbish, for the message only.
func looksLikePage(text string) bool {
	start := strings.ToLower(text[:min(len(text), 1024)])
	return strings.Contains(start, "<html") || strings.Contains(start, "<!doctype html")
}
