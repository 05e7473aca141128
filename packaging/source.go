package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// source is the project as it lies in a folder, and what everything made of it is called.
type source struct {
	dir     string // absolute
	version string // as Go writes it: v1.2.3, v1.2.3-rc.1 or a pseudo-version
	commit  string
	at      time.Time // of the commit, in UTC, to the second; of every file in every package
	dirty   bool
}

// openSource finds out what is not given by asking git. SOURCE_DATE_EPOCH counts before the time of the commit.
func openSource(dir, version, commit string) (source, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return source{}, err
	}
	s := source{dir: dir, version: version, commit: commit}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return s, fmt.Errorf("SOURCE_DATE_EPOCH %q is no number of seconds", epoch)
		}
		s.at = time.Unix(seconds, 0).UTC()
	}
	if s.version == "" || s.commit == "" || s.at.IsZero() {
		if err := s.askGit(); err != nil {
			return s, fmt.Errorf("%w; without git, give -version and -commit, and the time in SOURCE_DATE_EPOCH", err)
		}
	}
	if !hash.MatchString(s.commit) {
		return s, fmt.Errorf("commit %q is no hash", s.commit)
	}
	_, _, err = s.packageVersion()
	return s, err
}

var hash = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

func (s *source) askGit() error {
	head, err := s.git("log", "-1", "--format=%H %ct")
	if err != nil {
		return err
	}
	commit, epoch, _ := strings.Cut(head, " ")
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return err
	}
	at := time.Unix(seconds, 0).UTC()
	if s.version == "" {
		s.version = s.describe(commit, at)
		changes, err := s.git("status", "--porcelain")
		if err != nil {
			return err
		}
		s.dirty = changes != ""
	}
	s.commit = cmp.Or(s.commit, commit)
	if s.at.IsZero() {
		s.at = at
	}
	return nil
}

// describe is the tag of the commit, or the pseudo-version that go would give it.
func (s *source) describe(commit string, at time.Time) string {
	if tag, err := s.git("describe", "--tags", "--exact-match", "--match", "v[0-9]*"); err == nil && semver.IsValid(tag) {
		return tag
	}
	older, err := s.git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
	if err != nil || !semver.IsValid(older) {
		older = ""
	}
	return module.PseudoVersion(cmp.Or(semver.Major(older), "v0"), older, at, commit[:12])
}

func (s *source) git(args ...string) (string, error) {
	c := exec.Command("git", args...)
	c.Dir = s.dir
	out, err := c.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return "", fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(failed.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

// named is the version as file names have it.
func (s source) named() string { return strings.TrimPrefix(s.version, "v") }

// shown is the version as the program says it.
func (s source) shown() string {
	if s.dirty {
		return s.version + "+dirty"
	}
	return s.version
}

var prerelease = regexp.MustCompile(`^(alpha|beta|pre|rc)\.?([0-9]*)$`)

// packageVersion is the version as the packagers of all three formats take and order it: what comes before a release is a word and a number.
func (s source) packageVersion() (release, before string, err error) {
	if !semver.IsValid(s.version) || semver.Canonical(s.version) != s.version {
		return "", "", fmt.Errorf("version %q is not of the form v1.2.3 or v1.2.3-rc.1", s.version)
	}
	before = strings.TrimPrefix(semver.Prerelease(s.version), "-")
	release = strings.TrimSuffix(s.named(), semver.Prerelease(s.version))
	if module.IsPseudoVersion(s.version) {
		at, err := module.PseudoVersionTime(s.version)
		return release, "git" + at.Format("20060102150405"), err
	}
	if before == "" {
		return release, "", nil
	}
	m := prerelease.FindStringSubmatch(before)
	if m == nil {
		return "", "", fmt.Errorf("version %q: what follows the dash must be alpha, beta, pre or rc and a number", s.version)
	}
	return release, m[1] + m[2], nil
}
