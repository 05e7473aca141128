package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// NotFound is the error of Find. No file was named and none is in the places that are looked at.
type NotFound struct {
	Looked []string // in the order of looking
}

func (e *NotFound) Error() string {
	return "there is no configuration file; looked for " + strings.Join(e.Looked, " and ")
}

// Find says which file to load: the one that was named with -c, else the one that $DDNS_BATCH_CONFIG names, else the
// first that exists where such files belong. A named one is not looked for: Load says what is wrong with it. Nor is the
// working folder ever searched: a stranger's file there could send the passwords anywhere. The error is a *NotFound.
func Find(named string, getenv func(string) string) (string, error) {
	if named != "" {
		return named, nil
	}
	if named = getenv("DDNS_BATCH_CONFIG"); named != "" {
		return named, nil
	}
	looked := places(getenv)
	for _, path := range looked {
		// One that is there but cannot be reached is taken: passing over it would run with another file.
		_, err := os.Stat(path)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return path, nil
		}
	}
	return "", &NotFound{Looked: looked}
}

// UsualFolder is the folder that is looked at first.
func UsualFolder(getenv func(string) string) string { return filepath.Dir(places(getenv)[0]) }
