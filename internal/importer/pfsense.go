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
	for {
		line, _ := decoder.InputPos()
		t, err := decoder.Token()
		if err != nil {
			if err != io.EOF {
				s.note(line, Unreadable, "this is not valid XML from here on")
			}
			return
		}
		if start, ok := t.(xml.StartElement); ok && start.Name.Local == "dyndns" {
			var e pfSenseEntry
			if decoder.DecodeElement(&e, &start) != nil {
				s.note(line, Unreadable, "this is not valid XML from here on")
				return
			}
			s.pfSense(line, e)
		}
	}
}

// pfSenseEntry is one dyndns element.
type pfSenseEntry struct {
	Type     string    `xml:"type"`
	Host     string    `xml:"host"`
	Domain   string    `xml:"domainname"`
	Password string    `xml:"password"`
	Enable   *struct{} `xml:"enable"`
}

func (s *source) pfSense(line int, e pfSenseEntry) {
	switch {
	case e.Type == "":
		return // A group of them, in files of some versions.
	case !strings.HasPrefix(e.Type, "namecheap"):
		s.note(line, LeftOut, "for another provider, not for Namecheap")
		return
	case e.Enable == nil:
		s.note(line, LeftOut, "it is switched off")
		return
	}
	p := password{}
	if value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(e.Password)); err == nil {
		p = literal(string(value))
	} else {
		s.note(line, NeedsYou, "the password is not in base64, the form in which pfSense writes it")
	}
	s.take(line, strings.TrimSpace(e.Host), strings.TrimSpace(e.Domain), p)
}
