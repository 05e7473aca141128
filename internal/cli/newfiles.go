package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ddns-batch/internal/config"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outfile"
	"ddns-batch/internal/ownership"
	"ddns-batch/internal/run"
)

// usualEnv is how the env file beside hosts.yaml is called.
const usualEnv = "hosts.env"

// wholePath is a folder as commands name it that are typed elsewhere, too.
func wholePath(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}

// newFile is a file that is to be made.
type newFile struct {
	path    string
	content []byte
	mode    fs.FileMode
}

// newFiles are those that come from a draft, in the order in which they are made.
func newFiles(dir string, d config.Draft) []newFile {
	return []newFile{
		{filepath.Join(dir, usualEnv), d.Env(), 0o600},
		{filepath.Join(dir, usualName), d.YAML(), 0o644},
	}
}

// refuseFiles is for commands that make these files: the flags that name others would do nothing.
func (a *app) refuseFiles(command string) error {
	for _, flag := range []string{"config", "env-file", "state"} {
		if a.changed(flag) {
			return usage(fmt.Sprintf("%s does not use --%s", command, flag), "name the folder for hosts.yaml and hosts.env with --to")
		}
	}
	return nil
}

// checkNew refuses to make files where there are any, or where somebody else decides what the folder leads to.
func checkNew(files []newFile) error {
	for _, f := range files {
		if err := ownership.ForeignFolder(filepath.Dir(f.path)); err != nil {
			return f.notWritten(err)
		}
		switch _, err := os.Lstat(f.path); {
		case err == nil:
			return f.alreadyThere()
		case !errors.Is(err, fs.ErrNotExist):
			return usage(fmt.Sprintf("cannot check whether %s exists: %v", f.path, humanize.WithoutPath(err)), "name another folder with --to")
		}
	}
	return nil
}

func (f newFile) alreadyThere() error {
	return usage(f.path+" already exists, and is never replaced; nothing was written", "name another folder with --to, or move that file away")
}

// createFiles makes all files, or none. A signal that comes meanwhile ends nothing: it takes no time.
func (a *app) createFiles(files []newFile) error {
	a.stop.Start(run.NoLimit)
	defer a.stop.Cancel()
	for i, f := range files {
		if err := outfile.Create(f.path, f.content, f.mode); err != nil {
			for _, made := range files[:i] {
				_ = os.Remove(made.path)
			}
			if errors.Is(err, fs.ErrExist) {
				return f.alreadyThere()
			}
			return f.notWritten(humanize.WithoutPath(err))
		}
	}
	return nil
}

func (f newFile) notWritten(why error) error {
	return usage(fmt.Sprintf("cannot write %s: %v; nothing was written", f.path, why), "name another folder with --to, or run this as a user who may write there")
}
