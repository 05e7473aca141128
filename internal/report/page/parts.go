package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
	"sync"

	"ddns-batch/internal/outcome"
)

var (
	//go:embed page.html
	markup string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// fixed is what is the same in every page.
type fixed struct {
	page *template.Template
	// policy forbids the page everything but the one style sheet, the one script and the icon that are part of it.
	policy, style, script template.HTML
}

// parts are made when the first page is, since most runs write none.
var parts = sync.OnceValue(func() fixed {
	css, js := strings.TrimSpace(style), strings.TrimSpace(script)
	policy := "default-src 'none'; style-src " + source(css) + "; script-src " + source(js) +
		"; img-src data:; base-uri 'none'; form-action 'none'"
	return fixed{
		page:   template.Must(template.New("page").Parse(markup)),
		policy: template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + policy + `">`),
		style:  template.HTML("<style>" + css + "</style>"),
		script: template.HTML("<script>" + js + "</script>"),
	}
})

// source names an inline part in a Content-Security-Policy.
func source(part string) string {
	sum := sha256.Sum256([]byte(part))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// icon is what a browser shows in the page's tab.
func icon(l outcome.Level) template.URL {
	colour, shape := "b3261e", "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"
	switch l {
	case outcome.Fine:
		colour, shape = "1a7f4b", "M4.6 8.3l2.4 2.4 4.4-5"
	case outcome.Warning:
		colour, shape = "8a5200", "M8 4.3v4.4M8 11.2v.4"
	}
	return template.URL("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
		"%3Ccircle cx='8' cy='8' r='8' fill='%23" + colour + "'/%3E%3Cpath d='" + shape +
		"' fill='none' stroke='%23fff' stroke-width='1.8' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E")
}
