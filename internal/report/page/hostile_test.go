package page

import (
	"strings"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
)

// hostile are texts that break out of something, somewhere.
func hostile() []string {
	return []string{
		`"><script>document.title='gone'</script>`,
		`</svg><script>document.title='gone'</script>`,
		`</title></style></script><img src=x onerror="document.title='gone'">`,
		`javascript:document.title='gone'`,
		`' onmouseover='document.title=1' autofocus onfocus='document.title=1' x='`,
		"--></bdi></td></tr></table><h1>All 44 records point here</h1>",
		"{{.Machine}} &lt;b&gt; &amp;quot; \\u003cscript\\u003e",
		"one\x00two\x1b[31mthree\rfour\nfive\u2028six\ufffe",
		"safe\u202emoc.elpmaxe\u2066\u200f isolate",
		"\xff\xfe not \xc3\x28 UTF-8 \xed\xa0\x80",
		strings.Repeat("W", 5000),
		strings.Repeat("very long ", 600),
		"Z" + strings.Repeat("\u0351", 90) + "algo عربي עברית 漢字 🦊",
	}
}

// hostilePage has them in every field, each as a record of every level.
func hostilePage() Page {
	p := household(3)
	p.Machine = strings.Join(hostile(), " ")
	p.Location = time.FixedZone(hostile()[0], 3600)
	for _, s := range hostile() {
		for _, l := range []outcome.Level{outcome.Fine, outcome.Warning, outcome.Trouble, 7} {
			r := p.Records[0]
			r.Name = record.Name{Host: s, Domain: s}
			r.Level, r.Status, r.Message, r.Hint, r.Until = l, s, s, s, noon().Add(time.Hour)
			r.Address = r.Address.Next()
			p.Records = append(p.Records, r)
		}
	}
	return p
}
