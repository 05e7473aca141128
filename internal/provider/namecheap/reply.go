package namecheap

import (
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
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
	errEmpty    = errors.New("an empty answer")
	errTooLong  = errors.New("an answer longer than 64 KiB")
	errPage     = errors.New("answered with a page, not a reply (a captive portal?)")
	errText     = errors.New("answered with text, not a reply")
	errNotXML   = errors.New("answered with something that is not a reply")
	errCutOff   = errors.New("the reply is cut off")
	errDoctype  = errors.New("answered with a document that has a DOCTYPE, not a reply")
	errRoot     = errors.New("answered with another kind of document, not a reply")
	errTrailing = errors.New("the reply is followed by something else")
	errNested   = errors.New("a reply with its parts in the wrong places")
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

func walk(text string) (*document, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	// The label does not count: the text is UTF-8 by now, and what is not valid UTF-8 is refused.
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }

	var doc document
	var path []string
	var value strings.Builder
	closed := false
	for {
		token, err := d.Token()
		if err == io.EOF && closed {
			return &doc, nil
		}
		if err != nil {
			if d.InputOffset() >= int64(len(text)) {
				return nil, errCutOff
			}
			return nil, errNotXML
		}
		if chars, ok := token.(xml.CharData); closed && !(ok && isBlank(chars)) {
			return nil, errTrailing
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, errDoctype
		case xml.CharData:
			if len(path) == 0 && !isBlank(token) {
				return nil, errText
			}
			value.Write(token)
		case xml.StartElement:
			name := qualified(token.Name)
			if len(path) == 0 && name != "interface-response" {
				return nil, errRoot
			}
			if len(path) > 0 && isProof(path[len(path)-1]) || isProof(name) && len(path) != 1 {
				return nil, errNested
			}
			doc.note(path, value.String())
			value.Reset()
			path = append(path, name)
		case xml.EndElement:
			doc.note(path, value.String())
			doc.count(path, value.String())
			value.Reset()
			path = path[:len(path)-1]
			closed = len(path) == 0
		}
	}
}

// isProof tells the elements that success is proved by. They are children of the root and have no children.
func isProof(name string) bool { return name == "ErrCount" || name == "Done" || name == "IP" }

func isBlank(chars xml.CharData) bool { return len(strings.TrimSpace(string(chars))) == 0 }

// qualified makes a name with a name space different from every name that matters.
func qualified(n xml.Name) string {
	if n.Space != "" {
		return n.Space + " " + n.Local
	}
	return n.Local
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
