package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What import makes can be read again, or it is not made.
func TestImportMakesNothingThatIsTooLarge(t *testing.T) {
	dir := t.TempDir()
	file, to := filepath.Join(dir, "ddclient.conf"), filepath.Join(dir, "made")
	var b strings.Builder
	b.WriteString("protocol=namecheap\n")
	for i := range 25_000 {
		fmt.Fprintf(&b, "login=domain%d.example.com, password=x%d @\n", i, i)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import", file, "--to", to}, {"import", file}} {
		e := inside{args: args}.run()
		if e.status != 2 || e.stdout != "" || !strings.Contains(e.stderr, "ddns-batch: error: hosts.yaml would be larger than the 2048 KiB that can be read again; nothing was written\n"+
			"ddns-batch: hint: split the file, and import each part into a folder of its own with --to\n") {
			t.Errorf("status %d, %d bytes\n%s", e.status, len(e.stdout), e.stderr[max(0, len(e.stderr)-300):])
		}
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("the folder was made")
	}
}
