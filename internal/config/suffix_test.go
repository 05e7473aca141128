package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const longer = ` has more labels than a registered domain needs; if you registered `

func TestMoreLabelsThanADomainNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		records string
		want    []string
	}{
		"domains as they are registered": {"{hosts: [www, a.b], domain: example.com, password_env: A}, {host: '@', domain: example.co.uk, password_env: A}", nil},
		"under a private suffix":         {"{host: www, domain: example.github.io, password_env: A}", nil},
		"a private suffix itself":        {"{host: www, domain: github.io, password_env: A}", nil},
		"a domain that nobody lists":     {"{host: www, domain: example.internal, password_env: A}", nil},
		"the whole name": {"{host: '@', domain: www.example.com, password_env: A}",
			[]string{`hosts.yaml:2:23: records[0].domain: "www.example.com"` + longer + "example.com, write that, and host: www"}},
		"the host twice": {"{host: www, domain: www.example.com, password_env: A}",
			[]string{`hosts.yaml:2:23: records[0].domain: "www.example.com"` + longer + "example.com, write that, and host: www"}},
		"once for each domain": {"{hosts: [git, '*'], domain: a.b.example.co.uk, password_env: A}, {host: a, domain: A.b.example.co.uk., password_env: A}, {host: '*', domain: c.example.co.uk, password_env: A}",
			[]string{`hosts.yaml:2:31: records[0].domain: "a.b.example.co.uk"` + longer + "example.co.uk, write that, and host: git.a.b",
				`hosts.yaml:4:23: records[2].domain: "c.example.co.uk"` + longer + `example.co.uk, write that, and host: "*.c"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse("hosts.yaml", []byte("records:\n- "+strings.ReplaceAll(c.records, "}, {", "}\n- {")))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Warnings, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got.Warnings, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestASingleRecordOfAHostTakenForADomain(t *testing.T) {
	c, err := Single("www.example.com", "www")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`--domain: "www.example.com"` + longer + "example.com, give --domain example.com --host www"}; !slices.Equal(c.Warnings, want) {
		t.Errorf("got %q, want %q", c.Warnings, want)
	}
	if _, err := Single("co.uk", "example"); err == nil || !strings.Contains(err.Error(), "--domain: \"co.uk\" is a public suffix") {
		t.Errorf("got %v", err)
	}
}

func TestMoreRecordsThanADomainMayHave(t *testing.T) {
	for n, want := range map[int][]string{
		150: nil,
		151: {"hosts.yaml: example.com has 151 records; Namecheap allows at most 150 for a domain"},
	} {
		file := "records:\n"
		for i := range n {
			file += fmt.Sprintf("- {host: h%d, domain: example.com, password_env: A}\n", i)
		}
		c, err := Parse("hosts.yaml", []byte(file+"- {host: www, domain: example.net, password_env: A}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Warnings, want) {
			t.Errorf("%d records: got %q, want %q", n, c.Warnings, want)
		}
	}
}
