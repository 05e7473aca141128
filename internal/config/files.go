package config

import (
	"errors"
	"path/filepath"
)

// files wants a path of its own for each file that is written: what replaces another file as a whole would destroy it.
func (c *checker) files(f file) {
	dir := dirOf(c.path)
	taken := map[string]string{filepath.Clean(c.path): "this file itself"}
	for _, named := range []struct{ key, path string }{
		{"env_file", f.EnvFile}, {"state", f.State},
		{"report_file", f.ReportFile}, {"status_file", f.StatusFile}, {"metrics_file", f.MetricsFile},
	} {
		if named.path == "" {
			continue
		}
		path := resolve(dir, filepath.Clean(named.path))
		if other := taken[path]; other != "" {
			c.fail(named.key, errors.New("names the same file as "+other+"; give it one of its own"))
			continue
		}
		taken[path] = named.key
	}
}
