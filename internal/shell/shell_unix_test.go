//go:build unix

package shell

import (
	"os/exec"
	"strings"
	"testing"
)

// FuzzJoin: a real shell gives back what was joined.
func FuzzJoin(f *testing.F) {
	for _, s := range []string{`\*.example.com`, "it's", "a b\nc", "$(id)", "", "-n", "~", "!", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		arg = strings.ReplaceAll(arg, "\x00", "") // no argument can hold it
		out, err := exec.Command("sh", "-c", "printf %s. "+Join(arg)).Output()
		if err != nil || string(out) != arg+"." {
			t.Errorf("%q came back as %q, %v", arg, out, err)
		}
	})
}
