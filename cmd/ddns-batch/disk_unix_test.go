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
func (s *site) sent(updates, status int, said string, args ...string) {
	s.Helper()
	var e finished
	if n := s.heard(func() { e = s.start(args...).end() }); n != updates || e.status != status || !strings.Contains(e.stderr, said) {
		s.Errorf("%d updates, status %d, without %q:\n%s%s", n, e.status, said, e.stdout, e.stderr)
	}
}

func (s *site) mode(path string, want fs.FileMode) {
	s.Helper()
	if info, err := os.Lstat(path); err != nil || info.Mode() != want {
		s.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
	}
}

func TestAFolderInThePlaceOfTheState(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.do(os.MkdirAll(s.state, 0o700))
	s.sent(0, statusState, "state.json is a folder, not a file; give --state FILE")
	s.do(os.Remove(s.state))
	s.sent(3, statusOK, "")
	s.right(homeAddress)
}

func TestAStateBehindALink(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	link, elsewhere := s.state, filepath.Join(s.dir, "elsewhere")
	s.state = filepath.Join(elsewhere, "mine.json")
	s.do(os.Mkdir(filepath.Dir(link), 0o700))
	s.do(os.Mkdir(elsewhere, 0o700))
	s.do(os.Symlink("../elsewhere/mine.json", link))
	for _, a := range []string{"", "another address"} {
		if a != "" {
			s.server.SetAddress(awayAddress)
		}
		s.sent(3, statusOK, "")
		if to, err := os.Readlink(link); err != nil || to != "../elsewhere/mine.json" {
			t.Errorf("the link leads to %q %v", to, err)
		}
		s.mode(s.state, 0o600)
	}
	s.right(awayAddress)
	if names := s.files(); !slices.Equal(names, []string{"mine.json", "mine.json.lock", "mine.last-run.json"}) {
		t.Errorf("beside the state: %q", names)
	}
	s.state = link
	if names := s.files(); !slices.Equal(names, []string{"state.json"}) {
		t.Errorf("beside the link: %q", names)
	}
}

func TestAStateThatOthersMayRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.run(statusOK)
	s.do(os.Chmod(s.state, 0o644))
	s.sent(0, statusOK, "could be read by others (mode 0644); it is 0600 now")
	s.mode(s.state, 0o600)
	s.sent(0, statusOK, "")
}

func TestAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.state = filepath.Join(s.dir, "a", "b", "state.json")
	s.sent(3, statusOK, "", "--state", s.state)
	s.right(homeAddress)
	for _, dir := range []string{"a", "a/b"} {
		s.mode(filepath.Join(s.dir, dir), fs.ModeDir|0o700)
	}
	for _, name := range s.files() {
		s.mode(filepath.Join(s.dir, "a", "b", name), 0o600)
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
		"a million empty records":         {`{"version": 1, "records": [` + strings.Repeat("{},", 1_200_000) + "{}]}", 0, "it holds too much", 64},
		"empty records":                   {`{"version": 1, "records": [` + strings.Repeat("{},", 4<<20) + "{}]}", 0, "it holds too much", 160},
		"numbers for records":             {`{"version": 1, "records": [` + strings.Repeat("1,", 6<<20) + "1]}", 0, "it holds too much", 160},
		"numbers for a history":           {`{"version": 1, "records": [{"history": [` + strings.Repeat("1,", 6<<20) + "1]}]}", 0, "it holds too much", 160},
		"lists in lists":                  {strings.Repeat("[", 16<<20), 0, "exceeded max depth", 160},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
			s.do(os.Mkdir(filepath.Dir(s.state), 0o700))
			s.do(os.WriteFile(s.state, []byte(c.content), 0o600))
			size := int64(len(c.content))
			if c.size != 0 {
				size = c.size
				s.do(os.Truncate(s.state, size))
			}
			aftermathFile := filepath.Join(s.dir, "aftermath")
			s.env = append(s.env, aftermathVariable+"="+aftermathFile)
			s.sent(3, statusOK, c.why)
			s.right(homeAddress)

			var a aftermath
			s.do(json.Unmarshal([]byte(s.content(aftermathFile)), &a))
			if most := c.most * mostKiB() / 64; a.PeakKiB > most {
				t.Errorf("the run took %d MiB of memory", a.PeakKiB>>10)
			}
			aside := mustValue(filepath.Glob(s.state + ".corrupt-*"))
			if len(aside) != 1 || mustValue(os.Stat(aside[0])).Size() != size {
				t.Fatalf("set aside: %q", aside)
			}
			s.do(os.Remove(aside[0]))
			s.tidy()
		})
	}
}

// What may only be read is no place for a state, and that is found out before anything is sent.
func TestAFolderThatMayOnlyBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.asOrdinaryUser()
	s.run(statusOK)
	before := s.content(s.state)
	folder := filepath.Dir(s.state)
	defer func() { s.do(os.Chmod(folder, 0o700)) }()

	s.do(os.Chmod(folder, 0o500))
	s.sent(0, statusOK, "cannot record how this run ended")
	s.server.SetAddress(awayAddress)
	s.sent(0, statusState, "allow this user to write in "+folder)
	s.sent(0, statusState, "permission denied", "--force")
	if s.content(s.state) != before {
		t.Error("the state is another one")
	}
	s.do(os.Chmod(folder, 0o700))
	s.do(os.Remove(s.state + ".lock"))
	s.do(os.Chmod(folder, 0o500))
	s.sent(0, statusState, "cannot lock the state")
	s.do(os.Chmod(folder, 0o700))
	s.sent(3, statusOK, "")
	s.right(awayAddress)
	s.tidy()
}

// anothersAdvice names both users: the usual cause is one run with sudo.
func anothersAdvice() string {
	uid := os.Getuid()
	if uid == 0 {
		uid = nobody
	}
	return fmt.Sprintf("belongs to uid 0 and this run is uid %d: always run as the same user, or give --state FILE", uid)
}

func TestAStateInAFolderOfAnotherUser(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.asOrdinaryUser()
	s.sent(0, statusState, anothersAdvice(), "--state", "/state-of-a-test-of-ddns-batch.json")
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
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.asOrdinaryUser()
	advice := anothersAdvice()
	s.run(statusOK)
	s.server.SetAddress(awayAddress)
	for _, path := range []string{s.state, s.state + ".lock"} {
		s.do(os.Chown(path, 0, 0))
		s.sent(0, statusState, advice)
		s.do(os.Chown(path, nobody, nobody))
	}
	s.do(os.Chown(filepath.Dir(s.state), 0, 0))
	s.do(os.Chmod(filepath.Dir(s.state), 0o755))
	s.sent(0, statusState, advice)
	s.do(os.Chown(filepath.Dir(s.state), nobody, nobody))
	s.sent(3, statusOK, "")
	s.right(awayAddress)
	s.tidy()
}

// What root left in a folder of one's own, but lets everybody read, is as good as one's own: it is believed, complained
// of, and replaced by the first save.
func TestWhatRootLeftBehindInAFolderOfOnesOwn(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.asOrdinaryUser()
	s.run(statusOK)
	for _, name := range s.files() {
		path := filepath.Join(filepath.Dir(s.state), name)
		s.do(os.Chown(path, 0, 0))
		s.do(os.Chmod(path, 0o644))
	}
	before := s.content(s.state)
	const complaint = "can be read by others (mode 0644), and that cannot be changed: "
	s.sent(0, statusOK, complaint)
	s.sent(0, statusOK, "can be read by others (mode 0644)", "--dry-run")
	if s.content(s.state) != before {
		t.Error("the state is another one")
	}
	s.server.SetAddress(awayAddress)
	s.sent(3, statusOK, complaint)
	s.right(awayAddress)
	s.tidy()
	s.mode(s.state, 0o600)
	if e := s.run(statusOK); e.stderr != "" {
		t.Errorf("it complains after the save: %s", e.stderr)
	}
}

// A first run under sudo makes whatever it writes, in a home that has none of it yet, for the user whose home it is.
func TestWhatRootMakesInAHomeBelongsToItsUser(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	yaml := strings.ReplaceAll(s.content(filepath.Join(s.dir, "hosts.yaml")), "state: state/state.json\n", "report_file: page.html\n")
	s.write("hosts.yaml", yaml)
	s.asOrdinaryUser()
	user := s.attributes
	args := []string{"--ip-file", "ip", "--log-file", "log"}
	s.attributes = nil
	s.run(statusOK, args...)
	s.do(filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && mustValue(os.Lstat(path)).Sys().(*syscall.Stat_t).Uid != nobody {
			s.Errorf("%s is root's", path)
		}
		return err
	}))
	s.state = filepath.Join(s.dir, ".local", "state", "ddns-batch", "state.json")
	s.tidy()
	s.attributes = user
	s.server.SetAddress(awayAddress)
	if e := s.run(statusOK, args...); e.stderr != "" {
		s.Errorf("the user's own run says: %s", e.stderr)
	}
	s.right(awayAddress)
	for _, name := range []string{"ip", "log", "page.html"} {
		if !strings.Contains(s.content(filepath.Join(s.dir, name)), awayAddress.String()) {
			s.Errorf("the user's own run did not write %s", name)
		}
	}
}

const nobody = 65534

// asOrdinaryUser lets the runs of a site be those of somebody whom permissions stop, even if the tests run as root.
func (s *site) asOrdinaryUser() {
	s.Helper()
	if os.Geteuid() != 0 {
		return
	}
	s.attributes = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	// What was made for these tests is closed to others; nothing else is touched.
	program := mustValue(exec.LookPath("ddns-batch"))
	for _, dir := range []string{filepath.Dir(filepath.Dir(program)), filepath.Dir(s.dir)} {
		if info := mustValue(os.Stat(dir)); info.Mode().Perm() == 0o700 {
			s.do(os.Chmod(dir, 0o755))
		}
	}
	s.do(filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	}))
}
