package config

import (
	"errors"
	"path/filepath"

	"ddns-batch/internal/publicip"
)

// files wants a path of its own for each file that is written: what replaces another file as a whole would destroy it. It
// goes by the names alone, as Parse touches no file; links are followed where files are about to be written.
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

// Input is a file that is read or started, and that nothing may be written to: "the env file" and its path.
type Input struct{ Kind, Path string }

// Inputs are the YAML file and all files that it names to be read or started, whether they are there or not. lookup is
// that of an Environment.
func (c *Config) Inputs(lookup func(name string) (value string, set bool)) []Input {
	var all []Input
	seen := map[Input]bool{}
	add := func(kind, path string) {
		if in := (Input{kind, path}); path != "" && !seen[in] {
			seen[in] = true
			all = append(all, in)
		}
	}
	secret := func(kind string, ref PasswordRef) {
		if ref.File != "" {
			add(kind, secretFile(ref.File, lookup, dirOf(c.Path)))
		}
	}
	add("the configuration file", c.Path)
	add("the env file", c.EnvFile)
	add("the env file", c.ReplacedEnvFile)
	for _, r := range c.Records {
		secret("a password_file", r.Password)
	}
	secret("the urls_file of notify", c.Notify.URLs)
	secret("the url_file of heartbeat", c.Heartbeat.URL)
	program := func(kind string, arguments []string) {
		if len(arguments) > 0 {
			add(kind, arguments[0])
		}
	}
	program("the program of on_change", c.OnChange.Arguments)
	program("the program of on_news", c.OnNews.Arguments)
	for _, text := range c.IP.Sources {
		if s, err := publicip.ParseSource(text); err == nil {
			add("the program of an address source", s.Program())
		}
	}
	return all
}
