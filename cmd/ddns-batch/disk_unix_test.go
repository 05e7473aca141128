//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// sent fails unless a run ends with status, after so many updates, and says something on stderr.
func (m *machine) sent(updates, status int, said string, args ...string) {
	m.Helper()
	var e finished
	if n := m.updatesDuring(func() { e = m.start(args...).end() }); n != updates || e.status != status || !strings.Contains(e.stderr, said) {
		m.Errorf("%d updates, status %d, without %q:\n%s%s", n, e.status, said, e.stdout, e.stderr)
	}
}

func (m *machine) mode(path string, want fs.FileMode) {
	m.Helper()
	if info, err := os.Lstat(path); err != nil || info.Mode() != want {
		m.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
	}
}

func TestAFolderInThePlaceOfTheState(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.must(os.MkdirAll(m.state, 0o700))
	m.sent(0, statusState, "state.json is a folder, not a file; give --state FILE")
	m.must(os.Remove(m.state))
	m.sent(3, statusOK, "")
	m.confirmed(homeAddress)
}

func TestAStateBehindALink(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	link, elsewhere := m.state, filepath.Join(m.dir, "elsewhere")
	m.state = filepath.Join(elsewhere, "mine.json")
	m.must(os.Mkdir(filepath.Dir(link), 0o700))
	m.must(os.Mkdir(elsewhere, 0o700))
	m.must(os.Symlink("../elsewhere/mine.json", link))
	for _, a := range []string{"", "another address"} {
		if a != "" {
			m.server.SetAddress(awayAddress)
		}
		m.sent(3, statusOK, "")
		if to, err := os.Readlink(link); err != nil || to != "../elsewhere/mine.json" {
			t.Errorf("the link leads to %q %v", to, err)
		}
		m.mode(m.state, 0o600)
	}
	m.confirmed(awayAddress)
	if names := m.besideState(); !slices.Equal(names, []string{"mine.json", "mine.json.lock", "mine.last-run.json"}) {
		t.Errorf("beside the state: %q", names)
	}
	m.state = link
	if names := m.besideState(); !slices.Equal(names, []string{"state.json"}) {
		t.Errorf("beside the link: %q", names)
	}
}

func TestAStateThatOthersMayRead(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.mustRun(statusOK)
	m.must(os.Chmod(m.state, 0o644))
	m.sent(0, statusOK, "could be read by others (mode 0644); it is 0600 now")
	m.mode(m.state, 0o600)
	m.sent(0, statusOK, "")
}

func TestAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.state = filepath.Join(m.dir, "a", "b", "state.json")
	m.sent(3, statusOK, "", "--state", m.state)
	m.confirmed(homeAddress)
	for _, dir := range []string{"a", "a/b"} {
		m.mode(filepath.Join(m.dir, dir), fs.ModeDir|0o700)
	}
	for _, name := range m.besideState() {
		m.mode(filepath.Join(m.dir, "a", "b", name), 0o600)
	}
}

// A state that no run can have written costs little memory, and is set aside.
func TestAHugeStateThatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		size    int64
		why     string
		most    int // MiB
	}{
		"200 MB, which are not even read": {`{"version": 1, "records": [`, 200 << 20, "it is larger than 64 MiB", 64},
		"nothing but zero bytes":          {"", 63 << 20, "invalid character", 160},
		"a million empty records":         {`{"version": 1, "records": [` + strings.Repeat("{},", 1_200_000) + "{}]}", 0, "it has too many entries", 64},
		"empty records":                   {`{"version": 1, "records": [` + strings.Repeat("{},", 4<<20) + "{}]}", 0, "it has too many entries", 160},
		"numbers for records":             {`{"version": 1, "records": [` + strings.Repeat("1,", 6<<20) + "1]}", 0, "it has too many entries", 160},
		"numbers for a history":           {`{"version": 1, "records": [{"history": [` + strings.Repeat("1,", 6<<20) + "1]}]}", 0, "it has too many entries", 160},
		"lists in lists":                  {strings.Repeat("[", 16<<20), 0, "exceeded max depth", 160},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, numbered("example.com", 3))
			m.must(os.Mkdir(filepath.Dir(m.state), 0o700))
			m.must(os.WriteFile(m.state, []byte(c.content), 0o600))
			size := int64(len(c.content))
			if c.size != 0 {
				size = c.size
				m.must(os.Truncate(m.state, size))
			}
			aftermathFile := filepath.Join(m.dir, "aftermath")
			m.env[aftermathVariable] = aftermathFile
			m.sent(3, statusOK, c.why)
			m.confirmed(homeAddress)

			var a aftermath
			m.must(json.Unmarshal([]byte(m.content(aftermathFile)), &a))
			if most := c.most * mostKiB() / 64; a.PeakKiB > most {
				t.Errorf("the run took %d MiB of memory", a.PeakKiB>>10)
			}
			aside := mustValue(filepath.Glob(m.state + ".corrupt-*"))
			if len(aside) != 1 || mustValue(os.Stat(aside[0])).Size() != size {
				t.Fatalf("set aside: %q", aside)
			}
			m.must(os.Remove(aside[0]))
			m.checkStateFolder()
		})
	}
}

// What may only be read is no place for a state, and that is found out before anything is sent.
func TestAFolderThatMayOnlyBeRead(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.asOrdinaryUser()
	m.mustRun(statusOK)
	before := m.content(m.state)
	folder := filepath.Dir(m.state)
	defer func() { m.must(os.Chmod(folder, 0o700)) }()

	m.must(os.Chmod(folder, 0o500))
	m.sent(0, statusOK, "cannot record how this run ended")
	m.server.SetAddress(awayAddress)
	m.sent(0, statusState, "allow this user to write in "+folder)
	m.sent(0, statusState, "permission denied", "--force")
	if m.content(m.state) != before {
		t.Error("the state is another one")
	}
	m.must(os.Chmod(folder, 0o700))
	m.must(os.Remove(m.state + ".lock"))
	m.must(os.Chmod(folder, 0o500))
	m.sent(0, statusState, "cannot lock the state")
	m.must(os.Chmod(folder, 0o700))
	m.sent(3, statusOK, "")
	m.confirmed(awayAddress)
	m.checkStateFolder()
}

// anothersAdvice names both users: the usual cause is one run with sudo.
func anothersAdvice() string {
	uid := os.Getuid()
	if uid == 0 {
		uid = nobody
	}
	return fmt.Sprintf("belongs to uid 0, but this runs as uid %d: always run as the same user, or give --state FILE", uid)
}

func TestAStateInAFolderOfAnotherUser(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.asOrdinaryUser()
	m.sent(0, statusState, anothersAdvice(), "--state", "/state-of-a-test-of-ddns-batch.json")
}

// givingFilesAway skips a test of files that belong to somebody else.
func givingFilesAway(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
}

func TestAStateOfAnotherUser(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	m := newMachine(t, numbered("example.com", 3))
	m.asOrdinaryUser()
	advice := anothersAdvice()
	m.mustRun(statusOK)
	m.server.SetAddress(awayAddress)
	for _, path := range []string{m.state, m.state + ".lock"} {
		m.must(os.Chown(path, 0, 0))
		m.sent(0, statusState, advice)
		m.must(os.Chown(path, nobody, nobody))
	}
	m.must(os.Chown(filepath.Dir(m.state), 0, 0))
	m.must(os.Chmod(filepath.Dir(m.state), 0o755))
	m.sent(0, statusState, advice)
	m.must(os.Chown(filepath.Dir(m.state), nobody, nobody))
	m.sent(3, statusOK, "")
	m.confirmed(awayAddress)
	m.checkStateFolder()
}

// What root left in a folder of one's own, but lets everybody read, is as good as one's own: it is believed, complained
// of, and replaced by the first save.
func TestWhatRootLeftBehindInAFolderOfOnesOwn(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	m := newMachine(t, numbered("example.com", 3))
	m.asOrdinaryUser()
	m.mustRun(statusOK)
	for _, name := range m.besideState() {
		path := filepath.Join(filepath.Dir(m.state), name)
		m.must(os.Chown(path, 0, 0))
		m.must(os.Chmod(path, 0o644))
	}
	before := m.content(m.state)
	const complaint = "can be read by others (mode 0644), and its mode cannot be changed: "
	m.sent(0, statusOK, complaint)
	m.sent(0, statusOK, "can be read by others (mode 0644)", "--dry-run")
	if m.content(m.state) != before {
		t.Error("the state is another one")
	}
	m.server.SetAddress(awayAddress)
	m.sent(3, statusOK, complaint)
	m.confirmed(awayAddress)
	m.checkStateFolder()
	m.mode(m.state, 0o600)
	if e := m.mustRun(statusOK); e.stderr != "" {
		t.Errorf("it complains after the save: %s", e.stderr)
	}
}

// A first run under sudo makes whatever it writes, in a home that has none of it yet, for the user whose home it is.
func TestWhatRootMakesInAHomeBelongsToItsUser(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	m := newMachine(t, numbered("example.com", 3))
	m.configure(map[string]string{"state": "", "report_file": "page.html"})
	m.env["HOME"] = m.dir
	m.asOrdinaryUser()
	user := m.attributes
	args := []string{"--ip-file", filepath.Join(m.dir, "ip"), "--log-file", filepath.Join(m.dir, "log")}
	m.attributes = nil
	m.mustRun(statusOK, args...)
	m.must(filepath.WalkDir(m.dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && mustValue(os.Lstat(path)).Sys().(*syscall.Stat_t).Uid != nobody {
			m.Errorf("%s is root's", path)
		}
		return err
	}))
	m.state = filepath.Join(m.dir, ".local", "state", "ddns-batch", "state.json")
	m.checkStateFolder()
	m.attributes = user
	m.server.SetAddress(awayAddress)
	if e := m.mustRun(statusOK, args...); e.stderr != "" {
		m.Errorf("the user's own run says: %s", e.stderr)
	}
	m.confirmed(awayAddress)
	for _, name := range []string{"ip", "log", "page.html"} {
		if !strings.Contains(m.content(filepath.Join(m.dir, name)), awayAddress.String()) {
			m.Errorf("the user's own run did not write %s", name)
		}
	}
}

const nobody = 65534

// asOrdinaryUser lets the runs of a machine be those of somebody whom permissions stop, even if the tests run as root.
func (m *machine) asOrdinaryUser() {
	m.Helper()
	if os.Geteuid() != 0 {
		return
	}
	m.attributes = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	// What was made for these tests is closed to others; nothing else is touched.
	program := mustValue(exec.LookPath("ddns-batch"))
	for _, dir := range []string{filepath.Dir(filepath.Dir(program)), filepath.Dir(m.dir)} {
		if info := mustValue(os.Stat(dir)); info.Mode().Perm() == 0o700 {
			m.must(os.Chmod(dir, 0o755))
		}
	}
	m.must(filepath.WalkDir(m.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	}))
}
