package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// required says whether a test may be left out where what it needs is not installed.
func required(t *testing.T, variable, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv(variable) == "required" {
		t.Fatalf("%s=required, but %s: %v", variable, what, err)
	}
	t.Skipf("%s: %v", what, err)
}

func TestBinariesAreStaticAndForTheirMachines(t *testing.T) {
	for _, of := range made.targets {
		t.Run(of.String(), func(t *testing.T) {
			binary := archiveOf(t, of)[of.program()].content
			info, err := buildinfo.Read(bytes.NewReader(binary))
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for _, s := range info.Settings {
				settings[s.Key] = s.Value
			}
			name, value, _ := strings.Cut(of.setting, "=")
			for key, want := range map[string]string{"GOOS": of.os, "GOARCH": of.arch, name: value, "CGO_ENABLED": "0", "-trimpath": "true"} {
				if settings[key] != want {
					t.Errorf("%s is %q, not %q", key, settings[key], want)
				}
			}
			for _, word := range []string{stamped.version, stamped.commit, "2026-11-24T03:05:00Z"} {
				if !bytes.Contains(binary, []byte(word)) {
					t.Errorf("it does not say %s", word)
				}
			}
			if bytes.Contains(binary, []byte(stamped.dir+"/")) {
				t.Error("it says where it was built")
			}
			if of.os == "linux" {
				noInterpreter(t, binary)
			}
		})
	}
}

func noInterpreter(t *testing.T, binary []byte) {
	t.Helper()
	e, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range e.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Error("it is linked dynamically")
		}
	}
}

// interpreters run programs of other machines, as Debian's package qemu-user-static has them.
var interpreters = map[string]string{"linux-amd64": "", "linux-arm64": "qemu-aarch64-static", "linux-armv6": "qemu-arm-static", "linux-mipsle": "qemu-mipsel-static"}

// TestBinariesRun lets those that can be run here say their version, and do a first run, a second one that has nothing to do, and one that
// fails.
func TestBinariesRun(t *testing.T) {
	for _, of := range made.targets {
		interpreter, can := interpreters[of.String()]
		if !can {
			continue
		}
		t.Run(of.String(), func(t *testing.T) {
			if interpreter != "" {
				_, err := exec.LookPath(interpreter)
				required(t, "DDNS_BATCH_QEMU", "no program for other machines can be run", err)
			}
			dir := t.TempDir()
			program := filepath.Join(dir, "ddns-batch")
			if err := writeFile(program, archiveOf(t, of)["ddns-batch"].content, 0o755); err != nil {
				t.Fatal(err)
			}
			call := func(args ...string) (string, int) {
				t.Helper()
				if interpreter != "" {
					args = append([]string{program}, args...)
				}
				c := exec.Command(program, args...)
				if interpreter != "" {
					c = exec.Command(interpreter, args...)
				}
				c.Env = []string{"STATE_DIRECTORY=" + dir}
				out, _ := c.CombinedOutput()
				return string(out), c.ProcessState.ExitCode()
			}
			checkRuns(t, call)
		})
	}
}

// checkRuns takes the program through what a new user does first.
func checkRuns(t *testing.T, call func(args ...string) (output string, status int)) {
	t.Helper()
	hosts := filepath.Join(stamped.dir, "examples", "hosts.yaml")
	if out, status := call("version"); status != 0 || !strings.HasPrefix(out, "ddns-batch v1.2.3-rc.1 go") ||
		!strings.Contains(out, "\nrevision "+stamped.commit+" of 2026-11-24T03:05:00Z\n") {
		t.Errorf("version: status %d, %s", status, out)
	}
	if out, status := call("--sandbox", "--config", hosts); status != 0 || !strings.Contains(out, "15 records: 15 updated") {
		t.Errorf("the first run: status %d, %s", status, out)
	}
	if out, status := call("--sandbox", "--config", hosts); status != 0 || !strings.Contains(out, "all 15 records kept") {
		t.Errorf("the second run: status %d, %s", status, out)
	}
	out, status := call("--sandbox", "--config", hosts, "--sandbox-ip", "203.0.113.9", "--sandbox-fault", "git.example.net=norecord")
	if status != 1 || !strings.Contains(out, "15 records: 14 updated, 1 failed") {
		t.Errorf("the failing run: status %d, %s", status, out)
	}
}
