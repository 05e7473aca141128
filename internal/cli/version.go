package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

// Set by the linker where a package is made (-X ddns-batch/internal/cli.linkedVersion=v1.2.3), and empty elsewhere. The time is in RFC 3339.
var linkedVersion, linkedRevision, linkedTime string

// origin is what a binary was made from.
type origin struct {
	version, revision string
	at                time.Time
}

// build is the origin of this one. The compiler's text is read once.
var build = sync.OnceValue(func() origin {
	linked := origin{version: linkedVersion, revision: linkedRevision}
	linked.at, _ = time.Parse(time.RFC3339, linkedTime)
	info, _ := debug.ReadBuildInfo()
	return originOf(linked, info)
})

// originOf is what the linker was told, or else what the compiler wrote down. info may be nil.
func originOf(linked origin, info *debug.BuildInfo) origin {
	if linked.version != "" {
		return linked
	}
	b := origin{version: "unknown"}
	if info == nil {
		return b
	}
	b.version = cmp.Or(info.Main.Version, b.version)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.revision = s.Value
		case "vcs.time":
			b.at, _ = time.Parse(time.RFC3339, s.Value)
		}
	}
	return b
}

// builtAt is when this binary was made, or a time shortly after it: a clock that shows less is wrong.
func builtAt() time.Time {
	if at := build().at; !at.IsZero() {
		return at
	}
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			return info.ModTime()
		}
	}
	return time.Time{}
}

func userAgent() string {
	return "ddns-batch/" + build().version
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built from",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(a.Stdout, versionText())
			return err
		},
	}
}

// versionText is what the command and the flag --version print.
func versionText() string {
	b := build()
	text := fmt.Sprintf("ddns-batch %s %s %s/%s\n", b.version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if b.revision != "" {
		text += fmt.Sprintf("revision %s of %s\n", b.revision, b.at.UTC().Format(time.RFC3339))
	}
	return text
}
