package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSchemaIsFoundWhereItIsShipped(t *testing.T) {
	for name, c := range map[string]struct{ program, schema string }{
		"an archive":        {"ddns-batch/ddns-batch", "ddns-batch/docs/hosts.schema.json"},
		"a package":         {"usr/bin/ddns-batch", "usr/share/doc/ddns-batch/docs/hosts.schema.json"},
		"nowhere":           {"home/go/bin/ddns-batch", ""},
		"a path with blank": {"my files/ddns-batch", ""},
	} {
		dir := t.TempDir()
		want := ""
		for _, file := range []string{c.program, c.schema, "my files/docs/hosts.schema.json"} {
			path := filepath.Join(dir, file)
			if file == "" {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if file == c.schema {
				want = filepath.ToSlash(path)
			}
		}
		if got := shippedSchema(filepath.Join(dir, c.program)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
