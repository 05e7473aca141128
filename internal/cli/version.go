package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
)

// build says what this binary was made from, as far as the compiler wrote it down.
func build() (version, revision string, at time.Time) {
	version = "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, "", time.Time{}
	}
	version = cmp.Or(info.Main.Version, version)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.time":
			at, _ = time.Parse(time.RFC3339, s.Value)
		}
	}
	return version, revision, at
}

// builtAt is when this binary was made, or a time shortly after it: a clock that shows less is wrong.
func builtAt() time.Time {
	if _, _, at := build(); !at.IsZero() {
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
	version, _, _ := build()
	return "ddns-batch/" + version
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
	version, revision, at := build()
	text := fmt.Sprintf("ddns-batch %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if revision != "" {
		text += fmt.Sprintf("revision %s of %s\n", revision, at.UTC().Format(time.RFC3339))
	}
	return text
}
