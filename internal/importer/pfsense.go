package importer

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"io"
	"strings"
)

// readPfSense reads config.xml, token by token: no other part of it matters, and none is kept.
func readPfSense(s *source) {
	decoder := xml.NewDecoder(bytes.NewReader(s.data))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var e pfSenseEntry
	var path []string
	for {
		line, _ := decoder.InputPos()
		t, err := decoder.Token()
		if err != nil {
			if err != io.EOF {
				s.note(line, Unreadable, "this is not valid XML from here on")
			}
			return
		}
		switch t := t.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > deepestXML {
				s.note(line, Unreadable, "elements are nested more than %d deep from here on", deepestXML)
				return
			}
			if t.Name.Local == "dyndns" {
				e = pfSenseEntry{line: line, depth: len(path)}
			} else if e.within(path) {
				e.begin(t.Name.Local)
			}
		case xml.CharData:
			if e.within(path) {
				name := path[len(path)-1]
				e.text[name] = append(e.text[name], t...)
			}
		case xml.EndElement:
			if len(path) == e.depth && e.depth > 0 {
				s.pfSense(e)
				e = pfSenseEntry{}
			}
			path = path[:len(path)-1]
		}
	}
}

// pfSenseEntry is one dyndns element: the texts of the elements in it, by their names.
type pfSenseEntry struct {
	line, depth int
	text        map[string][]byte
}

// within reports whether a path leads to an element directly in this one.
func (e *pfSenseEntry) within(path []string) bool { return e.depth > 0 && len(path) == e.depth+1 }

// begin begins an element: of several with the same name the last counts.
func (e *pfSenseEntry) begin(name string) {
	if e.text == nil {
		e.text = map[string][]byte{}
	}
	e.text[name] = nil
}

func (e *pfSenseEntry) trimmed(name string) string { return strings.TrimSpace(string(e.text[name])) }

func (s *source) pfSense(e pfSenseEntry) {
	kind := string(e.text["type"])
	switch _, enabled := e.text["enable"]; {
	case kind == "":
		return // A group of them, in files of some versions.
	case !strings.HasPrefix(kind, "namecheap"):
		s.note(e.line, LeftOut, "for another provider, not for Namecheap")
		return
	case !enabled:
		s.note(e.line, LeftOut, "it is switched off")
		return
	}
	p := password{}
	if value, err := base64.StdEncoding.DecodeString(e.trimmed("password")); err == nil {
		p = literal(string(value))
	} else {
		s.note(e.line, NeedsYou, "the password is not in base64, the form in which pfSense writes it")
	}
	s.take(e.line, e.trimmed("host"), e.trimmed("domainname"), p)
}
