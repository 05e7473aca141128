package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// made is what the tests look at: everything, made once of the sources as they are. With -short it is for this machine's kind only.
var made struct {
	dir     string
	targets []target
	names   []string
}

// stamped is what made is called. No tag and no commit of the project is needed.
var stamped = source{version: "v1.2.3-rc.1", commit: "0123456789abcdef0123456789abcdef01234567", at: time.Date(2026, 11, 24, 3, 5, 0, 0, time.UTC)}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ddns-batch-dist")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if stamped.dir, err = filepath.Abs(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	made.dir, made.targets = dir, targets
	if testing.Short() {
		made.targets = targets[:1]
	}
	if made.names, err = stamped.makeAll(dir, made.targets); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// read reads one of the files that were made.
func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(made.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// unpack is the files of a tar archive, compressed or not, by their paths without ./ at the beginning.
func unpack(t *testing.T, data []byte) map[string]*entry {
	t.Helper()
	var from io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(from)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	all := map[string]*entry{}
	for r := tar.NewReader(from); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(strings.TrimPrefix(h.Name, "./"), "/")] = &entry{h, content}
	}
}

type entry struct {
	*tar.Header
	content []byte
}

// archiveOf is the files in the archive of a target, by their paths in its folder.
func archiveOf(t *testing.T, of target) map[string]*entry {
	t.Helper()
	folder := "ddns-batch_1.2.3-rc.1_" + of.os + "_" + of.arch + of.suffix
	all := map[string]*entry{}
	if of.os != "windows" {
		for name, e := range unpack(t, read(t, folder+".tar.gz")) {
			all[strings.TrimPrefix(name, folder+"/")] = e
		}
		return all
	}
	data := read(t, folder+".zip")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		content, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(f.Name, folder+"/")] = &entry{&tar.Header{Mode: int64(f.Mode().Perm()), ModTime: f.Modified}, content}
	}
	return all
}

func TestChecksumsAreRight(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(read(t, "SHA256SUMS"))), "\n")
	if len(lines) != len(made.names)-1 {
		t.Errorf("%d checksums of %d files", len(lines), len(made.names)-1)
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		if got := sha256.Sum256(read(t, name)); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s has another checksum", name)
		}
	}
}

func TestArchivesHaveWhatAUserNeeds(t *testing.T) {
	for _, of := range made.targets {
		t.Run(of.String(), func(t *testing.T) {
			all := archiveOf(t, of)
			for _, name := range []string{of.program(), "README.md", "LICENSE", "CHANGELOG.md", "THIRD-PARTY-LICENCES", "docs/configuration.md", "examples/hosts.yaml",
				"man/ddns-batch.1", "man/hosts.yaml.5", "completions/ddns-batch.bash", "completions/ddns-batch.powershell"} {
				e := all[name]
				if e == nil || len(e.content) == 0 {
					t.Errorf("%s is not there", name)
					continue
				}
				if executable := e.Mode&0o111 != 0; executable != (name == of.program()) {
					t.Errorf("%s has mode %o", name, e.Mode)
				}
				if !e.ModTime.Equal(stamped.at) {
					t.Errorf("%s is of %v", name, e.ModTime)
				}
			}
		})
	}
}

// TestMadeTwiceIsTheSame makes everything again of a copy of the sources: in another folder, with other dates and modes, in another zone.
func TestMadeTwiceIsTheSame(t *testing.T) {
	t.Setenv("TZ", "Pacific/Auckland")
	t.Setenv("GOFLAGS", "-buildvcs=false")
	again := stamped
	again.dir = copySources(t)
	to := t.TempDir()
	names, err := again.makeAll(to, made.targets)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(names, made.names) {
		t.Fatalf("%q, then %q", made.names, names)
	}
	for _, name := range names {
		second, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(second, read(t, name)) {
			t.Errorf("%s is another one each time", name)
		}
	}
}

// copySources copies what git knows, with modes and dates of its own.
func copySources(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "somewhere", "else")
	c := exec.Command("git", "ls-files", "-z")
	c.Dir = stamped.dir
	listed, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(stamped.dir, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed, and not committed yet
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(err, writeFile(to, data, 0o600), os.Chtimes(to, time.Unix(1e9, 0), time.Unix(1e9, 0))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestApkIsLaidOutForAlpine: no systemd, and completions where its shells look.
func TestApkIsLaidOutForAlpine(t *testing.T) {
	// Three compressed archives follow one another, which are read here as one text.
	data := read(t, "ddns-batch_1.2.3_rc1-r1_x86_64.apk")
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"usr/bin/ddns-batch", "usr/share/zsh/site-functions/_ddns-batch", "usr/share/man/man5/hosts.yaml.5.gz"} {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("%s is not there", name)
		}
	}
	if bytes.Contains(text, []byte("usr/lib/systemd")) {
		t.Error("it has units")
	}
}

// TestPackagesAreThere by the names that their package managers expect.
func TestPackagesAreThere(t *testing.T) {
	for _, name := range []string{"ddns-batch_1.2.3.rc1-1_amd64.deb", "ddns-batch-1.2.3.rc1-1.x86_64.rpm", "ddns-batch_1.2.3_rc1-r1_x86_64.apk"} {
		if !slices.Contains(made.names, name) {
			t.Errorf("%s is not among %q", name, made.names)
		}
	}
	for _, name := range made.names {
		if strings.ContainsAny(path.Base(name), " /\\") {
			t.Errorf("%q", name)
		}
	}
}
