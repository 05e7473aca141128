//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// crowded is a machine with a file of each kind that is read, started or kept, after a first run.
func crowded(t *testing.T) *machine {
	m := newMachine(t, zone{"example.com", []string{"@", "www"}}, zone{"example.net", []string{"@"}})
	m.passwordsIn("hosts.env")
	m.hide("com.password", mustPassword(m.content(filepath.Join(m.dir, "hosts.env")))+"\n")
	for _, name := range []string{"beat.url", "notify.url"} {
		m.write(name, "https://hooks.example.org/\n")
	}
	for _, name := range []string{"changed", "news", "look"} {
		m.must(os.Chmod(m.write(name, "#!/bin/sh\n"), 0o700))
	}
	m.settings["env_file"] = "hosts.env"
	m.configure(nil)
	m.mustRun(statusOK)
	m.settings["password.example.com"] = "password_file: com.password"
	m.settings["heartbeat"], m.settings["notify"] = "{url_file: beat.url}", "{urls_file: notify.url}"
	m.settings["on_change"], m.settings["on_news"] = "["+filepath.Join(m.dir, "changed")+"]", "["+filepath.Join(m.dir, "news")+"]"
	m.settings["sources"] = strings.TrimSuffix(m.settings["sources"], "]") + `, "command:` + filepath.Join(m.dir, "look") + `"]`
	m.must(os.Symlink(".", filepath.Join(m.dir, "here")))
	m.must(os.Symlink("state", filepath.Join(m.dir, "kept")))
	m.must(os.Symlink("state/state.json", filepath.Join(m.dir, "link.json")))
	m.must(os.Symlink("state/state.json.tmp", filepath.Join(m.dir, "dangling.json")))
	m.must(os.Link(filepath.Join(m.dir, "com.password"), filepath.Join(m.dir, "hard")))
	m.secrets = append(m.secrets, filepath.Join(m.dir, "hard"))
	m.must(os.Link(filepath.Join(m.dir, "state", "last-run.json"), filepath.Join(m.dir, "hard.json")))
	m.configure(nil)
	return m
}

// mustPassword is the first password of an env file.
func mustPassword(env string) string { return strings.Split(env, "'")[1] }

// belongsToOthers are files that nothing may be written to: what each is called, and its names.
var belongsToOthers = []struct {
	kind  string
	names []string
}{
	{"the configuration file", []string{"hosts.yaml", "here/hosts.yaml"}},
	{"the env file", []string{"hosts.env", "here/here/hosts.env"}},
	{"a password_file", []string{"com.password", "hard"}},
	{"the url_file of heartbeat", []string{"beat.url"}},
	{"the urls_file of notify", []string{"notify.url"}},
	{"the program of on_change", []string{"changed"}},
	{"the program of on_news", []string{"news"}},
	{"the program of an address source", []string{"look"}},
	{"the state file", []string{"state/state.json", "kept/state.json", "link.json"}},
	{"the state file of the sandbox", []string{"kept/state.sandbox.json"}},
	{"a file that runs keep beside the state file", []string{
		"kept/state.json.lock", "hard.json", "state/state.json.tmp", "dangling.json", "state/last-run.json", "state/last-run.json.tmp",
		"state/state.json.corrupt-20261125T030000Z", "state/state.json.full", "state/state.json.v1",
	}},
}

// refused fails unless this ends with status 2, says why, and leaves every file as it was.
func (m *machine) refused(kind string, args ...string) {
	m.Helper()
	before, sent := m.everything(), len(m.server.Heard())
	e := m.at("0s", args...)
	if e.status != statusUsage || !strings.Contains(e.stderr, " is "+kind+", ") || !strings.Contains(e.stderr, "hint: give it a file of its own\n") {
		m.Errorf("%q ends with status %d\n%s%s", args, e.status, e.stdout, e.stderr)
	}
	if after := m.everything(); after != before {
		m.Errorf("%q changed a file", args)
	}
	if len(m.server.Heard()) != sent {
		m.Errorf("%q sent something", args)
	}
}

// Nothing is written over a file that the program reads, starts or keeps, by whichever way it is named.
func TestWhatIsWrittenHasAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	m := crowded(t)
	for _, other := range belongsToOthers {
		for _, name := range other.names {
			path := filepath.Join(m.dir, name)
			m.refused(other.kind, "--ip-file", path)
			m.refused(other.kind, "--log-file", path)
			m.refused(other.kind, "--log-file", path, "--dry-run")
			m.refused(other.kind, "--ip-file", path, "--sandbox")
			m.refused(other.kind, "report", "--html", path)
			if name == "hosts.yaml" || name == "hosts.env" || name == "state/state.json" {
				continue // That is found in the YAML file itself.
			}
			for _, key := range []string{"status_file", "metrics_file", "report_file"} {
				m.configure(map[string]string{key: name})
				m.refused(other.kind)
				m.configure(nil)
			}
		}
	}
}

func TestTheStateHasAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	m := crowded(t)
	for _, other := range belongsToOthers[:8] {
		for _, name := range other.names {
			m.refused(other.kind, "--state", filepath.Join(m.dir, name))
		}
	}
	m.must(os.Rename(filepath.Join(m.dir, "hosts.env"), filepath.Join(m.dir, "state", "state.json.v1")))
	m.secrets = append(m.secrets, filepath.Join(m.dir, "state", "state.json.v1"))
	m.configure(map[string]string{"env_file": "state/state.json.v1"})
	m.refused("a file that runs keep beside the state file")
}

func TestWhatIsWrittenMeetsNothingElseThatIsWritten(t *testing.T) {
	t.Parallel()
	m := crowded(t)
	aside := filepath.Join(m.dir, "aside")
	m.configure(map[string]string{"status_file": "aside", "metrics_file": "here/aside"})
	m.refused("the status_file")
	m.configure(map[string]string{"status_file": "aside", "report_file": "page.html"})
	m.refused("the status_file", "--ip-file", aside)
	m.refused("the status_file", "--log-file", aside)
	m.refused("the status_file", "report", "--html", filepath.Join(m.dir, "here", "aside"))
	// A second page is the page.
	m.mustRun(statusOK, "report", "--html", filepath.Join(m.dir, "here", "page.html"))
	// What keeps nothing may be written by everybody.
	m.mustRun(statusOK, "--sandbox", "--log-file", os.DevNull, "--ip-file", os.DevNull)
}

// What a flag takes the place of in one run is another run's.
func TestWhatFlagsReplaceIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	m := crowded(t)
	other := m.write("other.env", "")
	for _, kept := range []struct{ kind, name string }{
		{"the env file", "here/hosts.env"},
		{"the state file", "kept/state.json"},
		{"the state file of the sandbox", "kept/state.sandbox.json"},
		{"a file that runs keep beside the state file", "kept/last-run.json"},
	} {
		for _, flag := range []string{"--ip-file", "--log-file"} {
			m.refused(kept.kind, flag, filepath.Join(m.dir, kept.name), "--env-file", other, "--state", filepath.Join(m.dir, "other.json"))
		}
	}
	m.refused("the env file", "--env-file", other, "--state", filepath.Join(m.dir, "hosts.env"))
}

// The files that a faulty YAML file names are not written to either. One that is no YAML names none, but is one itself.
func TestWhatAFaultyYAMLFileNamesIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	m := crowded(t)
	m.configure(map[string]string{"retries": "11", "no_such_key": "1"})
	for _, other := range belongsToOthers {
		for _, name := range other.names {
			m.refused(other.kind, "--log-file", filepath.Join(m.dir, name))
		}
	}
	for _, text := range []string{"records: 1\n", "records: [\n"} {
		m.refused("the configuration file", "--log-file", m.write("hosts.yaml", text))
	}
	log := filepath.Join(m.dir, "run.log")
	if e := m.at("0s", "--log-file", log); e.status != statusUsage || !strings.Contains(m.content(log), "run ended") {
		t.Errorf("status %d, and the log is not written\n%s", e.status, e.stderr)
	}
}
