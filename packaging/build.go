package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// target is a kind of machine that the program is built for.
type target struct {
	os, arch string
	setting  string   // of the processor, as an environment variable
	suffix   string   // what is added to the architecture in names
	image    []string // the variants of the processor under which an image has it; none: it has no image
	packages bool     // for .deb, .rpm and .apk
}

var targets = []target{
	{os: "linux", arch: "amd64", setting: "GOAMD64=v1", image: []string{""}, packages: true},
	{os: "linux", arch: "arm64", setting: "GOARM64=v8.0", image: []string{""}, packages: true},
	{os: "linux", arch: "arm", setting: "GOARM=6", suffix: "v6", image: []string{"v6", "v7"}, packages: true},
	{os: "linux", arch: "mipsle", setting: "GOMIPS=softfloat"},
	{os: "freebsd", arch: "amd64", setting: "GOAMD64=v1"},
	{os: "darwin", arch: "arm64", setting: "GOARM64=v8.0"},
	{os: "darwin", arch: "amd64", setting: "GOAMD64=v1"},
	{os: "windows", arch: "amd64", setting: "GOAMD64=v1"},
}

func (t target) String() string { return t.os + "-" + t.arch + t.suffix }

// program is the name of the binary.
func (t target) program() string {
	if t.os == "windows" {
		return "ddns-batch.exe"
	}
	return "ddns-batch"
}

func targetNames() []string {
	var names []string
	for _, t := range targets {
		names = append(names, t.String())
	}
	return names
}

// selectTargets finds targets by their names. No names are all of them.
func selectTargets(names string) ([]target, error) {
	if names == "" {
		return targets, nil
	}
	var selected []target
	for name := range strings.SplitSeq(names, ",") {
		at := slices.Index(targetNames(), name)
		if at < 0 {
			return nil, fmt.Errorf("there is no target %q; there are %s", name, strings.Join(targetNames(), ", "))
		}
		selected = append(selected, targets[at])
	}
	return selected, nil
}

// compile builds the program, without anything in it of the place where it is built.
func (s source) compile(t target, dir string) ([]byte, error) {
	to := filepath.Join(dir, t.program())
	const variables = "ddns-batch/internal/cli.linked"
	flags := fmt.Sprintf("-s -w -buildid= -X %[1]sVersion=%[2]s -X %[1]sRevision=%[3]s -X %[1]sTime=%[4]s",
		variables, s.shown(), s.commit, s.at.Format(time.RFC3339))
	_, err := s.command([]string{"GOOS=" + t.os, "GOARCH=" + t.arch, t.setting, "CGO_ENABLED=0"},
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", to, "./cmd/ddns-batch")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t, err)
	}
	return os.ReadFile(to)
}

// command runs a program in the project's folder, without the settings of whoever calls this, and returns what it printed.
func (s source) command(environment []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	c.Env = append(c.Env, environment...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), args[0], err, stderr.Bytes())
	}
	return stdout.Bytes(), nil
}
