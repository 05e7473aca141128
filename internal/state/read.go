package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ddns-batch/internal/ownership"
)

// file is one state file, with symbolic links followed, and what its reading and writing depend on.
type file struct {
	path  string
	limit int64 // in bytes
	disk  disk
	older map[int]migration
	now   func() time.Time
}

// Read returns the state at path as a run would find it, for a dry run and a report: it takes no lock and changes
// nothing on the disk. No file is an empty state, and so is one that is not understood; the notes, one sentence each,
// say so, and what the next run will do about it. The error is ErrNewer, or the file cannot be read.
func Read(path string) (Snapshot, []string, error) {
	path, err := resolve(path)
	if err != nil {
		return Snapshot{}, nil, fmt.Errorf("cannot read the state: %w", err)
	}
	f := file{path: path, limit: maxSize, disk: realDisk(), older: olderVersions()}
	found, err := f.look()
	if err != nil {
		return Snapshot{}, nil, err
	}
	var notes []string
	for _, s := range found.rejected {
		notes = append(notes, fmt.Sprintf("%s is %s (%v) and treated as empty; the next run sets it aside", s.path, s.verdict(), s.why))
	}
	if found.lost.count > 0 {
		notes = append(notes, fmt.Sprintf("%s is damaged in part and the rest is used; the next run keeps a copy", found.from))
		notes = append(notes, found.lost.notes()...)
	}
	if mode := exposed(found.info); mode != 0 {
		notes = append(notes, fmt.Sprintf("%s can be read by others (mode %#o); the next run makes it 0600, unless its file system keeps no modes", found.from, mode))
	}
	if found.readOnly {
		notes = append(notes, f.path+" is on a read-only disk, where nothing can be remembered, so every run sends every record")
	}
	return found.Snapshot, append(notes, f.fullNote(found)...), nil
}

// finding is what was found on the disk. Nothing has been changed there yet.
type finding struct {
	parsed
	from     string // the file that it is from; empty: there is none
	rejected []rejectedFile
	info     fs.FileInfo // of from
	data     []byte      // the content of from
	readOnly bool        // nothing can be remembered
}

// rejectedFile is a file that is not used. why is a notUnderstood or a notTrusted.
type rejectedFile struct {
	path string
	why  error
}

func (f rejectedFile) verdict() string {
	if errors.As(f.why, new(notTrusted)) {
		return "not trusted"
	}
	return "not a valid state file"
}

// notTrusted is why a file is not trusted: somebody else may have made it.
type notTrusted struct{ why error }

func (e notTrusted) Error() string { return e.why.Error() }

// look reads the state file or, while there is none, the one that was set aside on a full disk: that one knows no
// address for certain, because what was sent afterwards could not be remembered. Nor does any on a read-only disk.
func (f file) look() (finding, error) {
	found := finding{readOnly: f.disk.readOnly(f.path)}
	for _, path := range []string{f.path, fullPath(f.path)} {
		data, info, err := slurp(path, f.limit)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var p parsed
		if err == nil {
			p, err = parse(data, f.older)
		}
		if errors.As(err, new(notUnderstood)) || errors.As(err, new(notTrusted)) {
			found.rejected = append(found.rejected, rejectedFile{path, err})
			continue
		}
		if errors.Is(err, ErrNewer) {
			return finding{}, fmt.Errorf("%w: %s has version %d, but this program supports only up to %d; "+
				"use the newer program, or move the file away, which costs one send per record", err, path, p.version, Version)
		}
		if err != nil {
			return finding{}, fmt.Errorf("cannot read the state: %w", advise(err, path))
		}
		if path != f.path || found.readOnly {
			for i := range p.Records {
				p.Records[i].forget()
			}
		}
		found.parsed, found.from, found.info, found.data = p, path, info, data
		return found, nil
	}
	found.Snapshot = empty()
	return found, nil
}

func (f file) fullNote(found finding) []string {
	if found.from != fullPath(f.path) {
		return nil
	}
	return []string{found.from + " is used, which was set aside when the disk was full; no address in it counts as certain"}
}

// slurp reads the plain file at path. One of more than limit bytes is not read, and a notUnderstood; so is one that a
// stranger made, and a notTrusted.
func slurp(path string, limit int64) ([]byte, fs.FileInfo, error) {
	// This neither waits for the writer of a pipe nor follows a link that was put there a moment ago.
	in, err := os.OpenFile(path, os.O_RDONLY|noFollow|noWait, 0)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is %s, not a file", path, kind(info.Mode()))
	}
	if err := ownership.Foreign(info, filepath.Dir(path)); err != nil {
		return nil, nil, notTrusted{err}
	}
	tooLarge := notUnderstood{fmt.Errorf("it is larger than %d MiB", limit>>20)}
	if info.Size() > limit {
		return nil, nil, tooLarge
	}
	data := make([]byte, 0, info.Size()+1)
	for {
		n, err := in.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, info, nil
		case err != nil:
			return nil, nil, err
		case int64(len(data)) > limit:
			return nil, nil, tooLarge
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

// advise adds what to do about err, which came up at path, where the user can do something.
func advise(err error, path string) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		for _, p := range []string{path, filepath.Dir(path)} {
			if theirs, me, ok := strangers(p); ok {
				return fmt.Errorf("%w; %s belongs to uid %d, but this runs as uid %d: always run as the same user, or give --state FILE",
					err, p, theirs, me)
			}
		}
		return fmt.Errorf("%w; allow this user to write in %s, or give --state FILE", err, filepath.Dir(path))
	case mountPoint(err):
		return fmt.Errorf("%w; if it is mounted as a single file, mount its folder instead", err)
	case noLocks(err):
		return fmt.Errorf("%w; this file system cannot lock files: give --state FILE on another one", err)
	case noSpace(err):
		return marked{err, ErrNoSpace}
	case readOnly(err):
		return marked{err, ErrReadOnly}
	}
	return err
}

// marked is an error that also matches a sentinel, without repeating the sentinel's text.
type marked struct {
	error
	sentinel error
}

func (m marked) Is(target error) bool { return target == m.sentinel }
func (m marked) Unwrap() error        { return m.error }
