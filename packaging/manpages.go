package main

import (
	"errors"
	"path"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
)

// manPages makes them of the Markdown in packaging/man. Its first line has the words VERSION and DATE in their places.
func (s source) manPages() ([]file, error) {
	sources, err := s.folder("packaging/man")
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return nil, errors.New("there are no man pages in packaging/man")
	}
	var pages []file
	for _, f := range sources {
		title, text, _ := strings.Cut(string(f.data), "\n")
		title = strings.NewReplacer("VERSION", s.named(), "DATE", s.at.Format("January 2, 2006")).Replace(title)
		roff := wrapRoff(string(md2man.Render([]byte(title + "\n" + text))))
		pages = append(pages, file{path: strings.TrimSuffix(path.Base(f.path), ".md"), mode: 0o644, data: []byte(roff)})
	}
	return pages, nil
}

// wrapRoff breaks lines of running text at blanks, so that none is longer than the 80 bytes that roff's checkers ask for.
func wrapRoff(text string) string {
	const most = 80
	var out strings.Builder
	asItIs := false
	for line := range strings.SplitAfterSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, ".EX"), strings.HasPrefix(line, ".nf"):
			asItIs = true
		case strings.HasPrefix(line, ".EE"), strings.HasPrefix(line, ".fi"):
			asItIs = false
		}
		for !asItIs && !strings.HasPrefix(line, ".") && len(strings.TrimSuffix(line, "\n")) > most {
			at := strings.LastIndexByte(line[:most+1], ' ')
			// A line that begins with a dot or a quote would be a request.
			for at > 0 && strings.ContainsAny(line[at+1:at+2], ".'") {
				at = strings.LastIndexByte(line[:at], ' ')
			}
			if at <= 0 {
				break
			}
			out.WriteString(line[:at] + "\n")
			line = line[at+1:]
		}
		out.WriteString(line)
	}
	return out.String()
}
