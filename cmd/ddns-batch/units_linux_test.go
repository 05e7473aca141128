package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// systemdVariable is set to "required" on a machine on which systemd-analyze has to be installed.
const systemdVariable = "DDNS_BATCH_SYSTEMD"

// analyze runs systemd-analyze.
func analyze(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		lacking(t, systemdVariable, "systemd-analyze is not installed")
	}
	out, err := exec.Command("systemd-analyze", append([]string{"--no-pager"}, args...)...).CombinedOutput()
	return string(out), err
}

// withoutNotifyReload leaves out what a systemd before 253 says of a type that it does not know. The unit says what to
// write instead.
func withoutNotifyReload(t *testing.T, said string) string {
	t.Helper()
	version, err := analyze(t, "--version")
	fields := strings.Fields(version)
	if err != nil || len(fields) < 2 {
		t.Fatal(err, version)
	}
	if number, err := strconv.Atoi(fields[1]); err != nil || number >= 253 {
		return said
	}
	return regexp.MustCompile(`(?m)^.*Failed to parse service type, ignoring: notify-reload\n`).ReplaceAllString(said, "")
}

// TestUnitsAreVerified: systemd has nothing to say against the examples, and those that call the program may do little else.
func TestUnitsAreVerified(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(path, content string, mode os.FileMode) {
		path = filepath.Join(root, path)
		if err := cmp.Or(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), mode)); err != nil {
			t.Fatal(err)
		}
	}
	write("bin/sh", "#!/bin/true\n", 0o755)
	write("usr/local/bin/ddns-batch", "#!/bin/true\n", 0o755)
	// What every system has.
	for _, unit := range []string{"sysinit.target", "basic.target", "shutdown.target", "timers.target", "multi-user.target", "network-online.target", "system.slice", "-.slice"} {
		write("lib/systemd/system/"+unit, "[Unit]\nDefaultDependencies=no\n", 0o644)
	}
	files, err := os.ReadDir(filepath.Join("..", "..", "examples", "systemd"))
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"verify", "--man=no", "--root=" + root}
	for _, f := range files {
		content := readProject(t, "examples/systemd/"+f.Name())
		write("etc/systemd/system/"+f.Name(), content, 0o644)
		args = append(args, strings.Replace(f.Name(), "@.", "@ddns-batch.", 1))
	}
	if out, err := analyze(t, args...); err != nil || withoutNotifyReload(t, out) != "" {
		t.Errorf("%v\n%s", err, out)
	}
	for _, name := range []string{"ddns-batch.service", "ddns-batch-watch.service"} {
		path := filepath.Join(root, "etc/systemd/system", name)
		// The threshold is ten times the exposure.
		if out, err := analyze(t, "security", "--offline=true", "--threshold=12", path); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestAFailureIsMailedOnceADay: the unit goes on for a day after its mail, and systemd starts no unit that goes on.
func TestAFailureIsMailedOnceADay(t *testing.T) {
	t.Parallel()
	unit := readProject(t, "examples/systemd/ddns-batch-failure@.service")
	command := regexp.MustCompile(`(?m)^ExecStart=/bin/sh -c '(.*)'$`).FindStringSubmatch(unit)
	if command == nil || strings.Contains(unit, "Type=oneshot") {
		t.Fatal("the unit runs no shell, or ends too soon")
	}
	dir := t.TempDir()
	for _, name := range []string{"systemctl", "mail", "sleep"} {
		script := fmt.Sprintf("#!/bin/sh\necho \"%s $*\" >>%s/called\n", name, dir)
		switch name {
		case "systemctl":
			script += "echo 'what it said last'\nexit 3\n" // the status of a unit that has failed
		case "mail":
			script += "cat >>" + dir + "/called\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	shell := exec.Command("/bin/sh", "-c", strings.NewReplacer("%i", "ddns-batch-watch", "%H", "nas").Replace(command[1]))
	shell.Env = []string{"PATH=" + dir + ":/usr/bin:/bin"}
	if out, err := shell.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	called := strings.Split(strings.TrimSpace(string(mustValue(os.ReadFile(filepath.Join(dir, "called"))))), "\n")
	slices.Sort(called) // the first two run at the same time
	want := []string{"mail -s ddns-batch-watch has failed on nas root", "sleep 1d", "systemctl status --full --lines=20 ddns-batch-watch.service", "what it said last"}
	if !slices.Equal(called, want) {
		t.Errorf("%q, want %q", called, want)
	}
	for _, name := range []string{"ddns-batch.service", "ddns-batch-watch.service"} {
		if !strings.Contains(readProject(t, "examples/systemd/"+name), "OnFailure=ddns-batch-failure@%N.service\n") {
			t.Errorf("nobody is told that %s has failed", name)
		}
	}
}
