package namecheap

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	utf16 "golang.org/x/text/encoding/unicode"

	"ddns-batch/internal/provider"
)

// pieces are put into replies, most of them where encoding/xml lets them pass.
var pieces = []string{
	`<x:errors>bad</x:errors>`, `<ErrCount:>1</ErrCount:>`, `<:a/>`, `<a:b:c/>`, `<x:a xmlns:x="u"/>`, ` a="1"`, ` a="1" a="2"`, `a="1"`, ` a='1'b="2"`,
	` a=1`, ` x:a="1"`, ` xmlns="u"`, ` xmlns:x=""`, `<?xml version="1.0"?>`, `<?xml version="1.1"?>`, `<?xml?>`, `<?XML version="1.0"?>`, `<?p q?>`, `<?a:b?>`,
	`&#0;`, `&#x1F;`, `&#xD800;`, `&#xFFFE;`, `&#x110000;`, `&#65;`, `&#x41;`, `&#X41;`, `&#;`, `&amp;`, `&nbsp;`, `&`, `]]>`, `<![CDATA[`, `<![CDATA[]]>`, `<![CDATA[ ]]>`,
	`<![CDATA[0]]>`, `<!--`, `-->`, `<!-- -- -->`, `<!-- c -->`, "<!--\x01-->", "<!--\xff-->", "\x00", "\x0b", "\x1f", "\x80", "\xff", "\ufffe", "\uffff", "\u0085", "\u00a0",
	"\ufeff", "\u2028", "<é/>", "<a-b.c/>", "<1/>", `<!DOCTYPE a>`, `<!DOCTYPE a [<!ENTITY b "0">]>&b;`, `<Err1>bad</Err1>`, `<ErrCount>1</ErrCount>`, `<errors>bad</errors>`,
	`</interface-response>`, `<interface-response>`, `<a>`, `</a>`, `<a/>`, `<a />`, `<a/ >`, ` encoding="utf-16"`, ` encoding="!"`, ` standalone="yes"`, ` `, "\n", `<`, `>`, `"`, `'`, `=`, `/`, `?`,
}

// bases are short, so that there is time for many of their mutants.
var bases = []string{
	`<interface-response><IP>203.0.113.7</IP><ErrCount>0</ErrCount><errors /><Done>true</Done></interface-response>`,
	`<?xml version="1.0" encoding="utf-16"?><interface-response><IP>203.0.113.7</IP><ErrCount>0</ErrCount><Done>true</Done><debug><![CDATA[]]></debug></interface-response>`,
	`<?xml version="1.1"?><interface-response><ErrCount>1</ErrCount><errors><Err1>Invalid IP</Err1></errors><Done>true</Done></interface-response>`,
	`<interface-response><ErrCount>0</ErrCount><Done>true</Done><!-- c --></interface-response>`,
}

// mutant changes a base, or a reply of the corpus, in a few places.
func mutant(r *rand.Rand, corpus []string) []byte {
	base := bases[r.IntN(len(bases))]
	if r.IntN(20) == 0 {
		base = corpus[r.IntN(len(corpus))]
	}
	body := []byte(base)
	for range 1 + r.IntN(4)/3 {
		at := r.IntN(len(body) + 1)
		if r.IntN(3) > 0 { // more often than by chance: beside a tag
			if next := bytes.IndexAny(body[at:], "<>"); next >= 0 {
				at += next + r.IntN(2)
			}
		}
		end := min(len(body), at+r.IntN(16))
		switch r.IntN(6) {
		case 0:
			body = bytes.Join([][]byte{body[:at], body[end:]}, nil)
		case 1:
			body = bytes.Join([][]byte{body[:end], body[at:]}, nil)
		case 2:
			if at < len(body) {
				body[at] = byte(r.IntN(256))
			}
		default:
			body = bytes.Join([][]byte{body[:at], []byte(pieces[r.IntN(len(pieces))]), body[at:]}, nil)
		}
		if len(body) == 0 {
			break
		}
	}
	return body
}

// Replies that are wrong in some way, a million of them where DDNS_BATCH_SOAK is set: whatever says something about the
// record is well-formed by another parser.
func TestSoakOnlyAWellFormedReplyProvesAnything(t *testing.T) {
	var corpus []string
	files, err := filepath.Glob("testdata/replies/*.xml")
	if err != nil || len(files) < 70 {
		t.Fatalf("%d replies found, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(content) < 2000 {
			corpus = append(corpus, string(content))
		}
	}
	mutants := 100_000
	if os.Getenv("DDNS_BATCH_SOAK") != "" {
		mutants = 1_000_000
	}
	const shards = 8
	var classes [shards]map[provider.Class]int
	var wg sync.WaitGroup
	for shard := range shards {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(16, uint64(shard)))
			want, words, count := netip.MustParseAddr("203.0.113.7"), redactor{[]string{canary}}, map[provider.Class]int{}
			classes[shard] = count
			for range mutants / shards {
				body := mutant(random, corpus)
				class := provider.Class("ok")
				if e := judgeReply(body, want, words); e != nil {
					class = e.Class
				}
				count[class]++
				if class != provider.Transient && !wellFormed(asText(body)) {
					t.Errorf("%s: %q", class, body)
					return
				}
			}
		})
	}
	wg.Wait()
	sum := map[provider.Class]int{}
	for _, count := range classes {
		for class, n := range count {
			sum[class] += n
		}
	}
	t.Logf("%d mutants: %v", mutants, sum)
	for _, class := range []provider.Class{"ok", provider.Address, provider.Refused, provider.Mismatch, provider.Unconfirmed, provider.Transient} {
		if sum[class] < mutants/1000 {
			t.Errorf("only %d of the class %s: the mutants are too wild", sum[class], class)
		}
	}
}

// asText is a body as UTF-8, without what may stand before a reply; "" if its UTF-16 is broken.
func asText(body []byte) string {
	if bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")) {
		decoded, err := utf16.UTF16(utf16.BigEndian, utf16.ExpectBOM).NewDecoder().Bytes(body)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return ""
		}
		body = decoded
	}
	return strings.TrimLeft(string(body), "\ufeff \t\r\n")
}
