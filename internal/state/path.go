package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"ddns-batch/internal/ownership"
)

// DefaultPath is where the state is kept when neither a flag nor the YAML file says so: $STATE_DIRECTORY (the first of
// several), /var/lib/ddns-batch for a YAML file under /etc, $XDG_STATE_HOME, ~/.local/state; on Windows
// %LocalAppData%. An empty configPath means that there is no YAML file. The error says what to do.
func DefaultPath(configPath string, getenv func(string) string) (string, error) {
	return defaultPath(runtime.GOOS, configPath, getenv, func() (string, error) {
		u, err := user.Current()
		if err != nil {
			return "", err
		}
		return u.HomeDir, nil
	})
}

// defaultPath asks account, the password database, only when the environment names no home.
func defaultPath(goos, configPath string, getenv func(string) string, account func() (string, error)) (string, error) {
	for _, dir := range filepath.SplitList(getenv("STATE_DIRECTORY")) {
		if dir != "" {
			return filepath.Join(dir, "state.json"), nil
		}
	}
	if goos == "windows" {
		dir := getenv("LocalAppData")
		if dir == "" {
			return "", errors.New("no place for the state: LocalAppData is not set; give --state FILE")
		}
		return filepath.Join(dir, "ddns-batch", "state.json"), nil
	}
	if underEtc(configPath) {
		return "/var/lib/ddns-batch/state.json", nil
	}
	// A relative XDG_STATE_HOME or HOME would put the state wherever the run happens to start.
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ddns-batch", "state.json"), nil
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		var err error
		if home, err = account(); err != nil || !filepath.IsAbs(home) {
			return "", errors.New("no place for the state: HOME is not set and this user has no home; give --state FILE")
		}
	}
	return filepath.Join(home, ".local", "state", "ddns-batch", "state.json"), nil
}

func underEtc(configPath string) bool {
	if configPath == "" {
		return false
	}
	abs, err := filepath.Abs(configPath)
	return err == nil && strings.HasPrefix(abs, "/etc/")
}

// SandboxPath is the state of sandbox runs, beside the state at path: state.sandbox.json beside state.json.
func SandboxPath(path string) string {
	if name, ok := strings.CutSuffix(path, ".json"); ok {
		return name + ".sandbox.json"
	}
	return path + ".sandbox"
}

// lastRunPath is the file about the last run, beside the state at path: last-run.json beside state.json.
func lastRunPath(path string) string {
	dir, base := filepath.Split(path)
	if base == "state.json" {
		return filepath.Join(dir, "last-run.json")
	}
	return filepath.Join(dir, strings.TrimSuffix(base, ".json")+".last-run.json")
}

// fullPath is where a state goes that could not be replaced because the disk is full.
func fullPath(path string) string { return path + ".full" }

// Companion reports whether runs that keep their state at path may write, rename or remove other, as its lock, its note of
// the last run, or a state that was set aside. Both paths are whole and lead through no link. info is what other is; nil where
// there is nothing.
func Companion(path, other string, info fs.FileInfo) bool {
	note := lastRunPath(path)
	for _, name := range []string{lockPath(path), path + tmpSuffix, fullPath(path), note, note + tmpSuffix} {
		if other == name {
			return true
		}
		// It may have another name, too.
		if at, err := os.Lstat(name); err == nil && info != nil && os.SameFile(at, info) {
			return true
		}
	}
	if strings.HasPrefix(other, asidePrefix(path)) {
		return true
	}
	version, older := strings.CutPrefix(other, path+olderSuffix)
	_, err := strconv.ParseUint(version, 10, 64)
	return older && err == nil
}

// olderSuffix stands before the number of its version in the name of the copy of an older state.
const olderSuffix = ".v"

// asidePrefix begins the name of a state that was set aside because it could not be understood.
func asidePrefix(path string) string { return path + ".corrupt-" }

// resolve follows path, if it is a symbolic link, to the file that will be replaced, which need not exist yet. What
// exists and is not a plain file is an error: a rename would put a file in the place of a device or a pipe. So is a place
// that a stranger prepared.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("the path of the state is empty; give --state FILE")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	followed, info, err := ownership.Follow(path)
	if foreign, ok := errors.AsType[*ownership.ForeignError](err); ok {
		return "", fmt.Errorf("%w; give --state FILE elsewhere", foreign)
	}
	if err != nil {
		return "", advise(err, path)
	}
	if info != nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is %s, not a file; give --state FILE", followed, kind(info.Mode()))
	}
	return followed, nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "something else"
	}
}
