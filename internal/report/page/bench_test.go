package page

import (
	"io"
	"testing"

	"ddns-batch/internal/outcome"
)

// The aims: under 200 ms, and under 2 MB, for 200 records with 100 changes each.
func BenchmarkWrite(b *testing.B) {
	for _, size := range []struct {
		name             string
		records, changes int
	}{{"a household", 44, 9}, {"200 records with 100 changes", 200, 100}, {"10000 records with 2 changes", 10000, 2}} {
		p := crowd(size.records, size.changes)
		b.Run(size.name, func(b *testing.B) {
			b.SetBytes(int64(len(render(b, p))))
			b.ReportAllocs()
			for b.Loop() {
				if err := Write(io.Discard, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestSize(t *testing.T) {
	for _, tt := range []struct {
		name string
		Page
		most int
	}{
		{"200 records with 100 changes", crowd(200, 100), 2_000_000},
		{"200 failed records with 100 changes", failing(crowd(200, 100)), 2_000_000},
		{"a household", household(44), 150_000},
		{"nothing", Page{}, 20_000},
	} {
		if n := len(render(t, tt.Page)); n > tt.most {
			t.Errorf("%s: %d bytes, want at most %d", tt.name, n, tt.most)
		} else {
			t.Logf("%s: %d bytes", tt.name, n)
		}
	}
}

// failing is p with a trouble of its own for every record.
func failing(p Page) Page {
	for i := range p.Records {
		r := &p.Records[i]
		r.Level, r.Status, r.Until = outcome.Trouble, "held", noon()
		r.Message = `Namecheap: "No Records updated. A record not Found;"`
		r.Hint = `Domain List > Manage > Advanced DNS: add an "A + Dynamic DNS Record", then ddns-batch --retry --only ` + r.Name.String()
	}
	return p
}
