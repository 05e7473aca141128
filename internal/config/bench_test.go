package config

import (
	"fmt"
	"strings"
	"testing"
)

// tenThousand are 10,000 records of 100 domains, an entry for each record or for each domain.
func tenThousand(lists bool) []byte {
	var b strings.Builder
	b.WriteString("records:\n")
	for d := range 100 {
		if lists {
			b.WriteString("  - hosts: [")
		}
		for h := range 100 {
			if lists {
				fmt.Fprintf(&b, "h%d, ", h)
			} else {
				fmt.Fprintf(&b, "  - host: h%d\n    domain: d%d.example.com\n    password_env: D%d_PASSWORD\n", h, d, d)
			}
		}
		if lists {
			fmt.Fprintf(&b, "]\n    domain: d%d.example.com\n    password_env: D%d_PASSWORD\n", d, d)
		}
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	for name, data := range map[string][]byte{"10000 entries": tenThousand(false), "100 lists of 100": tenThousand(true)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse("hosts.yaml", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPasswords(b *testing.B) {
	c, err := Parse("hosts.yaml", tenThousand(false))
	if err != nil {
		b.Fatal(err)
	}
	environment := Environment{Lookup: func(string) (string, bool) { return canary, true }}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Passwords(b.Context(), environment); err != nil {
			b.Fatal(err)
		}
	}
}

const canary = "c4a17b0e9d"
