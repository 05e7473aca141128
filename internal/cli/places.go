package cli

import (
	"io/fs"
	"os"
	"path/filepath"

	"ddns-batch/internal/config"
	"ddns-batch/internal/ownership"
	"ddns-batch/internal/state"
)

// place is a file as it is named, and where that leads.
type place struct {
	kind, path string
	real       string      // whole, and through no link
	info       fs.FileInfo // nil where there is nothing
}

func placeOf(kind, path string) place {
	p := place{kind: kind, path: path, real: realPath(path)}
	if info, err := os.Stat(path); err == nil {
		p.info = info
	}
	return p
}

// realPath is path without links, of a file that need not be there, nor its folder.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return absolute(real)
	}
	if followed, _, err := ownership.Follow(path); err == nil {
		path = followed
	}
	dir, base := filepath.Split(absolute(path))
	if dir = filepath.Clean(dir); dir == absolute(path) {
		return dir
	}
	return filepath.Join(realPath(dir), base)
}

// absolute is path from the root; path itself where there is no telling.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// same reports whether what is written to one is lost to the other. Devices and pipes keep nothing that could be.
func (p place) same(q place) bool {
	if p.info != nil && q.info != nil {
		return p.info.Mode().IsRegular() && os.SameFile(p.info, q.info)
	}
	return p.real == q.real
}

// clash refuses to write to p, which belongs to q.
func (p place) clash(q place) error {
	name := p.kind
	if p.path != q.path {
		name += " " + p.path
	}
	return usage(name+" is "+q.kind+", "+q.path, "give it a file of its own")
}

// checkPlaces refuses to write to a file that is read or started, that belongs to the state, or that is written as
// something else, by whichever name or link. statePath is the state that is written too; empty where none is.
func (a *app) checkPlaces(c *config.Config, statePath string, written ...place) error {
	var taken []place
	for _, in := range c.Inputs(a.Lookup) {
		taken = append(taken, placeOf(in.Kind, in.Path))
	}
	if statePath != "" {
		kept := placeOf("the state file", statePath)
		for _, t := range taken {
			if kept.same(t) {
				return kept.clash(t)
			}
			if state.Companion(kept.real, t.real, t.info) {
				return t.clash(beside(kept))
			}
		}
	}
	states := a.states(c)
	taken = append(taken, states...)
	for _, w := range written {
		for _, t := range taken {
			if w.same(t) {
				return w.clash(t)
			}
		}
		for _, kept := range states {
			if state.Companion(kept.real, w.real, w.info) {
				return w.clash(beside(kept))
			}
		}
		taken = append(taken, w)
	}
	return nil
}

// beside is what the files are called that runs keep beside the state.
func beside(kept place) place {
	kept.kind = "a file that runs keep beside " + kept.kind
	return kept
}

// states are the state files of runs: with --state and without it, each with that of runs in the sandbox.
func (a *app) states(c *config.Config) []place {
	var paths []string
	if a.state != "" {
		paths = append(paths, a.state)
	}
	if usual, err := a.usualState(c); err == nil {
		paths = append(paths, usual)
	}
	var all []place
	for _, path := range paths {
		all = append(all, placeOf("the state file", path), placeOf("the state file of the sandbox", state.SandboxPath(path)))
	}
	return all
}
