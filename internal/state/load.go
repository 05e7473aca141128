package state

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// asideFormat is the time in the name of a file that was set aside: sortable, and without colons for Windows.
const asideFormat = "20060102T150405Z"

// asideKept is how many files that were set aside stay.
const asideKept = 3

// Load returns the state. No file is an empty state. A file that is not understood, or may be anybody's, is set aside and
// the state is empty too; one of an older version is kept as it was under its version's name; one that others can read is
// taken from them. Where the file system keeps no modes, nothing is said of that: every run would say it, and nobody can
// help it. On a disk that is mounted read-only no address counts as known: a claim that cannot be taken back before
// something is sent, and was not when an earlier run sent something, is not trusted.
// The notes say so, one sentence each. The error is ErrNewer, or the file cannot be read; then it stays as it is.
func (l *Lock) Load() (Snapshot, []string, error) {
	// A run that was killed during a save left this behind. A run with nothing to save would not remove it otherwise.
	_ = l.disk.remove(l.path + tmpSuffix)
	found, err := l.look()
	if err != nil {
		return Snapshot{}, nil, err
	}
	l.lost = len(found.rejected)+found.lost.count > 0
	notes := l.notes
	l.notes = nil
	for _, s := range found.rejected {
		to, err := l.aside(s.path)
		if err != nil {
			// The run goes on, because an address change matters more than a damaged file.
			notes = append(notes, fmt.Sprintf("%s is %s (%v) and treated as empty; it could not be set aside: %v", s.path, s.verdict(), s.why, err))
			continue
		}
		notes = append(notes, fmt.Sprintf("%s is %s (%v); it was set aside as %s", s.path, s.verdict(), s.why, to))
	}
	if len(found.rejected) > 0 && found.from == "" {
		notes = append(notes, "the state is empty now, so every record is sent once")
	}
	if mode := exposed(found.info); mode != 0 {
		switch restricted, err := restrictMode(l.disk, found.from, found.info); {
		case err != nil:
			notes = append(notes, fmt.Sprintf("%s can be read by others (mode %#o), and its mode cannot be changed: %v", found.from, mode, err))
		case restricted:
			notes = append(notes, fmt.Sprintf("%s could be read by others (mode %#o); it is 0600 now", found.from, mode))
		}
	}
	if found.lost.count > 0 {
		notes = append(append(notes, l.keepUnsound(found)), found.lost.notes()...)
	}
	if found.from != "" && found.version != Version {
		notes = append(notes, l.keepOld(found))
	}
	return found.Snapshot, append(notes, l.fullNote(found)...), nil
}

// Lost reports whether Load met a file that it set aside, so that something remembered is gone.
func (l *Lock) Lost() bool { return l.lost }

// keepOld keeps a copy of what was read, for whoever goes back to the version that wrote it. Without the copy that
// costs one send per record, so a failure is only a note.
func (l *Lock) keepOld(found finding) string {
	to := fmt.Sprintf("%s%s%d", l.path, olderSuffix, found.version)
	if err := l.disk.replace(to, found.data, true); err != nil {
		return fmt.Sprintf("%s has version %d; it could not be copied to %s: %v", found.from, found.version, to, err)
	}
	return fmt.Sprintf("%s has version %d; a copy of it is kept as %s", found.from, found.version, to)
}

// keepUnsound keeps a copy of what was read, and then saves what is sound in it, so that the next run does not meet the
// same again.
func (l *Lock) keepUnsound(found finding) string {
	to := l.asideName()
	if err := l.disk.fill(to, found.data, true); err != nil {
		return fmt.Sprintf("%s is damaged in part and the rest is used; it could not be copied: %v", found.from, err)
	}
	l.pruneAside(to)
	if err := l.save(found.Snapshot); err != nil {
		return fmt.Sprintf("%s is damaged in part and the rest is used; a copy is kept as %s, but the file itself cannot be replaced: %v", found.from, to, err)
	}
	return fmt.Sprintf("%s was damaged in part; the rest is used, and a copy of the damaged file is kept as %s", found.from, to)
}

// aside renames the file at path to a free name with the time in it, and removes all but the newest of those.
func (l *Lock) aside(path string) (string, error) {
	to := l.asideName()
	if err := l.disk.rename(path, to); err != nil {
		return "", err
	}
	l.pruneAside(to)
	return to, nil
}

func (l *Lock) asideName() string {
	stamp := l.now().UTC()
	to := asidePrefix(l.path) + stamp.Format(asideFormat)
	for taken(to) {
		stamp = stamp.Add(time.Second)
		to = asidePrefix(l.path) + stamp.Format(asideFormat)
	}
	return to
}

func taken(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// pruneAside removes all but the newest of the files that were set aside. It always keeps the file last, even if the clock
// was set back, and ignores files that cannot be removed.
func (l *Lock) pruneAside(last string) {
	dir, base := filepath.Split(asidePrefix(l.path))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var earlier []string
	for _, e := range entries {
		stamp, ours := strings.CutPrefix(e.Name(), base)
		if _, err := time.Parse(asideFormat, stamp); ours && err == nil && e.Name() != filepath.Base(last) {
			earlier = append(earlier, e.Name())
		}
	}
	slices.SortFunc(earlier, func(a, b string) int { return cmp.Compare(b, a) })
	for _, name := range earlier[min(len(earlier), asideKept-1):] {
		_ = l.disk.remove(filepath.Join(dir, name))
	}
}
