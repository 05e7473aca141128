package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const packageName = "ddns-batch_1.2.3.rc1-1_amd64.deb"

// debian wants the tools that make a difference: dpkg, and whatever else is named.
func debian(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range append(tools, "dpkg", "dpkg-deb") {
		_, err := exec.LookPath(tool)
		required(t, "DDNS_BATCH_DEBIAN", tool+" is not installed", err)
	}
}

func TestDebianPackageFollowsThePolicy(t *testing.T) {
	debian(t, "lintian")
	out, err := exec.Command("lintian", "--allow-root", "--no-user-dirs", "--fail-on", "error", filepath.Join(made.dir, packageName)).CombinedOutput()
	if err != nil || regexp.MustCompile(`(?m)^E: `).Match(out) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestDebianPackageHasEverythingInItsPlace: program, man pages, completions, units and documents.
func TestDebianPackageHasEverythingInItsPlace(t *testing.T) {
	debian(t)
	data, err := exec.Command("dpkg-deb", "--fsys-tarfile", filepath.Join(made.dir, packageName)).Output()
	if err != nil {
		t.Fatal(err)
	}
	all := unpack(t, data)
	for _, name := range []string{"usr/bin/ddns-batch", "usr/share/man/man1/ddns-batch.1.gz", "usr/share/man/man5/hosts.yaml.5.gz",
		"usr/share/bash-completion/completions/ddns-batch", "usr/share/zsh/vendor-completions/_ddns-batch", "usr/share/fish/vendor_completions.d/ddns-batch.fish",
		"usr/lib/systemd/system/ddns-batch.service", "usr/lib/systemd/system/ddns-batch.timer", "usr/share/doc/ddns-batch/copyright",
		"usr/share/doc/ddns-batch/changelog.gz", "usr/share/doc/ddns-batch/THIRD-PARTY-LICENCES.gz", "usr/share/doc/ddns-batch/examples/hosts.yaml"} {
		if e := all[name]; e == nil || len(e.content) == 0 {
			t.Errorf("%s is not there", name)
		}
	}
	for name, e := range all {
		if e.Uname != "root" || e.Gname != "root" || !e.ModTime.Equal(stamped.at) {
			t.Errorf("%s belongs to %s:%s, and is of %v", name, e.Uname, e.Gname, e.ModTime)
		}
		if strings.HasPrefix(name, "etc/") || strings.Contains(name, ".wants/") {
			t.Errorf("%s is there, which would configure or enable something", name)
		}
		if strings.HasPrefix(name, "usr/lib/systemd/") && bytes.Contains(e.content, []byte("/usr/local/")) {
			t.Errorf("%s calls a program that is not in the package:\n%s", name, e.content)
		}
	}
}

// TestDebianPackageComesAndGoes installs it into a folder that is a small system of its own, uses it, upgrades it, removes it and purges it.
func TestDebianPackageComesAndGoes(t *testing.T) {
	debian(t)
	if os.Geteuid() != 0 {
		required(t, "DDNS_BATCH_DEBIAN", "only root can install", errors.New("not root"))
	}
	older := stamped
	older.version = "v1.0.0"
	before := t.TempDir()
	if _, err := older.makeAll(before, targets[:1]); err != nil {
		t.Fatal(err)
	}
	r := newRoot(t)
	r.dpkg("--install", filepath.Join(before, "ddns-batch_1.0.0-1_amd64.deb"))
	if out, _ := r.call("version"); !strings.HasPrefix(out, "ddns-batch v1.0.0 ") {
		t.Errorf("installed: %s", out)
	}
	r.write("etc/ddns-batch/hosts.yaml", string(readSource(t, "examples/hosts.yaml")))
	r.write("etc/ddns-batch/hosts.env", "EXAMPLE_COM_DDNS_PASSWORD=secret\n")
	r.write("etc/ddns-batch/mine", "of somebody else\n")
	if out, status := r.call("--sandbox"); status != 0 || !strings.Contains(out, "15 records: 15 updated") {
		t.Errorf("the first run: status %d, %s", status, out)
	}

	r.dpkg("--install", filepath.Join(made.dir, packageName))
	if out, _ := r.call("version"); !strings.HasPrefix(out, "ddns-batch v1.2.3-rc.1 ") {
		t.Errorf("upgraded: %s", out)
	}
	if out, status := r.call("--sandbox"); status != 0 || !strings.Contains(out, "all 15 records kept") {
		t.Errorf("the first run after the upgrade: status %d, %s", status, out)
	}
	if called := r.systemctl(); strings.Contains(called, "enable") || strings.Contains(called, "disable") || strings.Contains(called, "stop") || !strings.Contains(called, "daemon-reload") {
		t.Errorf("installing and upgrading calls systemctl with\n%s", called)
	}

	r.dpkg("--remove", "ddns-batch")
	r.expect("removed", "usr/bin/ddns-batch", false)
	r.expect("removed", "etc/ddns-batch/hosts.yaml", true)
	r.expect("removed", "var/lib/ddns-batch/state.sandbox.json", true)
	if called := r.systemctl(); !strings.Contains(called, "disable --now ddns-batch.timer") {
		t.Errorf("removing calls systemctl with\n%s", called)
	}
	r.dpkg("--purge", "ddns-batch")
	r.expect("purged", "etc/ddns-batch/hosts.env", false)
	r.expect("purged", "etc/ddns-batch/mine", true)
	r.expect("purged", "var/lib/ddns-batch", false)
	r.expect("purged", "usr/share/doc/ddns-batch", false)
}

func readSource(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(stamped.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// root is a folder that dpkg installs into, with the few programs that the package's scripts call. Its systemctl notes how it is called.
type root struct {
	*testing.T
	dir string
}

func newRoot(t *testing.T) *root {
	r := &root{t, t.TempDir()}
	for _, program := range []string{"sh", "rm", "rmdir"} {
		r.copyProgram(program)
	}
	r.write("usr/bin/systemctl", "#!/bin/sh\necho \"$*\" >>/systemctl-calls\n")
	if err := os.Chmod(filepath.Join(r.dir, "usr/bin/systemctl"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"run/systemd/system", "tmp", "dev", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"} {
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.write("dev/null", "")
	r.write("var/lib/dpkg/status", "")
	return r
}

// copyProgram copies a program into usr/bin, and the libraries that ldd names to where it names them.
func (r *root) copyProgram(name string) {
	r.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		r.Fatal(err)
	}
	libraries, err := exec.Command("ldd", path).Output()
	if err != nil {
		r.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(/\S+) \(0x`).FindAllSubmatch(libraries, -1) {
		r.copy(string(m[1]), string(m[1]))
	}
	r.copy(path, "/usr/bin/"+name)
	if name == "sh" {
		r.copy(path, "/bin/sh")
	}
}

func (r *root) copy(from, to string) {
	r.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = writeFile(filepath.Join(r.dir, to), data, 0o755)
	}
	if err != nil {
		r.Fatal(err)
	}
}

func (r *root) write(name, text string) {
	r.Helper()
	if err := writeFile(filepath.Join(r.dir, name), []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r *root) dpkg(args ...string) {
	r.Helper()
	c := exec.Command("dpkg", append([]string{"--root=" + r.dir, "--log=" + filepath.Join(r.dir, "dpkg.log"), "--force-not-root"}, args...)...)
	if out, err := c.CombinedOutput(); err != nil {
		r.Fatalf("dpkg %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// call runs the installed program, with the folder as its whole file system.
func (r *root) call(args ...string) (string, int) {
	r.Helper()
	return callIn(r.T, r.dir, "/usr/bin/ddns-batch", nil, nil, args...)
}

// callIn runs a program that sees nothing but a folder.
func callIn(t *testing.T, dir, program string, as *syscall.Credential, environment []string, args ...string) (string, int) {
	t.Helper()
	c := &exec.Cmd{Path: program, Args: append([]string{program}, args...), Dir: "/", Env: append(environment, "PATH=/usr/bin"),
		SysProcAttr: &syscall.SysProcAttr{Chroot: dir, Credential: as}}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// systemctl is how systemctl was called since this was last asked.
func (r *root) systemctl() string {
	r.Helper()
	name := filepath.Join(r.dir, "systemctl-calls")
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.Fatal(err)
	}
	r.write("systemctl-calls", "")
	return string(data)
}

func (r *root) expect(when, name string, there bool) {
	r.Helper()
	if _, err := os.Lstat(filepath.Join(r.dir, name)); (err == nil) != there {
		r.Errorf("%s: is %s there? want %v, got %v", when, name, there, err)
	}
}

func TestManPagesAreCorrect(t *testing.T) {
	_, err := exec.LookPath("mandoc")
	required(t, "DDNS_BATCH_DEBIAN", "mandoc is not installed", err)
	for _, name := range []string{"ddns-batch.1", "hosts.yaml.5"} {
		page := filepath.Join(t.TempDir(), name)
		if err := writeFile(page, archiveOf(t, targets[0])["man/"+name].content, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("mandoc", "-T", "lint", page).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
