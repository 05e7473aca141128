package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackageManagersOrderVersionsAsTheyAreReleased(t *testing.T) {
	for version, want := range map[string][2]string{
		"v1.2.3":                                    {"1.2.3", ""},
		"v1.2.3-rc.1":                               {"1.2.3", "rc1"},
		"v1.2.3-beta":                               {"1.2.3", "beta"},
		"v1.2.3-alpha2":                             {"1.2.3", "alpha2"},
		"v0.0.0-20261124030500-0123456789ab":        {"0.0.0", "git20261124030500"},
		"v1.2.4-0.20261124030500-0123456789ab":      {"1.2.4", "git20261124030500"},
		"v1.2.3-rc.1.0.20261124030500-0123456789ab": {"1.2.3", "git20261124030500"},
	} {
		release, before, err := source{version: version}.packageVersion()
		if got := [2]string{release, before}; err != nil || got != want {
			t.Errorf("%s: %q, %v; not %q", version, got, err, want)
		}
	}
	for _, version := range []string{"1.2.3", "v1.2", "v1.2.3+meta", "v1.2.3-mine", "v1.2.3-rc.one", ""} {
		if _, _, err := (source{version: version}).packageVersion(); err == nil {
			t.Errorf("version %q passes", version)
		}
	}
}

// newRepository is a folder with an empty repository, and what calls git in it. Its commits are of 2026-11-24, 03:05.
func newRepository(t *testing.T) (dir string, git func(args ...string)) {
	t.Helper()
	dir = t.TempDir()
	git = func(args ...string) {
		t.Helper()
		c := exec.Command("git", args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-11-24T03:05:00Z", "GIT_AUTHOR_DATE=2026-11-24T03:05:00Z",
			"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	git("init", "-q")
	return dir, git
}

// TestVersionComesFromGit follows a repository from its first commit past a tag.
func TestVersionComesFromGit(t *testing.T) {
	dir, git := newRepository(t)
	expect := func(version string, dirty bool) {
		t.Helper()
		s, err := openSource(dir, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if without, _, _ := strings.Cut(version, "HASH"); !strings.HasPrefix(s.version, without) || s.dirty != dirty || len(s.commit) != 40 {
			t.Errorf("%s, commit %s, dirty %v; not %s, %v", s.version, s.commit, s.dirty, version, dirty)
		}
		if got := s.at.Format("2006-01-02T15:04:05Z07:00"); got != "2026-11-24T03:05:00Z" {
			t.Errorf("it is of %s", got)
		}
	}
	git("commit", "-q", "--allow-empty", "-m", "one")
	expect("v0.0.0-20261124030500-HASH", false)
	git("tag", "v1.2.3")
	expect("v1.2.3", false)
	git("commit", "-q", "--allow-empty", "-m", "two")
	expect("v1.2.4-0.20261124030500-HASH", false)
	if err := os.WriteFile(filepath.Join(dir, "new"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	expect("v1.2.4-0.20261124030500-HASH", true)
}

func TestWithoutGitEverythingHasToBeGiven(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	if _, err := openSource(dir, "v1.2.3", ""); err == nil || !strings.Contains(err.Error(), "give -version and -commit") {
		t.Errorf("%v", err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1795489500")
	s, err := openSource(dir, "v1.2.3", "0123abcd")
	if err != nil || s.at.Unix() != 1795489500 || s.commit != "0123abcd" || s.dirty {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := openSource(dir, "v1.2.3", "0123abcd -X other=1"); err == nil {
		t.Error("the commit may be anything")
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := openSource(dir, "v1.2.3", "0123abcd"); err == nil {
		t.Error("SOURCE_DATE_EPOCH may be anything")
	}
}

// TestNothingIsPackedThatGitDoesNotKnow: an env file that somebody tried the examples with stays where it is.
func TestNothingIsPackedThatGitDoesNotKnow(t *testing.T) {
	dir, git := newRepository(t)
	for _, name := range []string{"examples/hosts.yaml", "examples/hosts.env"} {
		if err := writeFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "examples/hosts.yaml")
	found, err := source{dir: dir}.folder("examples")
	if err != nil || len(found) != 1 || found[0].path != "examples/hosts.yaml" || string(found[0].data) != "examples/hosts.yaml" {
		t.Errorf("%+v, %v", found, err)
	}
}
