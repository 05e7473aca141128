package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// images are those in the tar archive, by their platforms.
func images(t *testing.T) map[string]v1.Image {
	t.Helper()
	dir := t.TempDir()
	for name, e := range unpack(t, read(t, "ddns-batch_1.2.3-rc.1_image.tar")) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), e.content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]v1.Image{}
	manifest, err := outer.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("%v, %+v", err, manifest)
	}
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if manifest, err = index.IndexManifest(); err != nil {
		t.Fatal(err)
	}
	for _, d := range manifest.Manifests {
		one, err := index.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		all[d.Platform.String()] = one
	}
	return all
}

// contents is the one layer of an image.
func contents(t *testing.T, image v1.Image) map[string]*entry {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%v, %d layers", err, len(layers))
	}
	r, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return unpack(t, data)
}

func TestImageIsThereForEveryMachine(t *testing.T) {
	var want []string
	for _, of := range made.targets {
		for _, variant := range of.image {
			want = append(want, v1.Platform{OS: of.os, Architecture: of.arch, Variant: variant}.String())
		}
	}
	slices.Sort(want)
	all := images(t)
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	for platform, image := range all {
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := config.Platform().String(); got != platform {
			t.Errorf("that of %s says it is of %s", platform, got)
		}
		if config.Config.User != "65532:65532" {
			t.Errorf("%s runs as %q", platform, config.Config.User)
		}
	}
}

// TestImageHasNothingButTheProgram, the certificate authorities, and a user to whom the folder of the state belongs.
func TestImageHasNothingButTheProgram(t *testing.T) {
	for platform, image := range images(t) {
		got := map[string]string{}
		for name, e := range contents(t, image) {
			got[name] = fmt.Sprintf("%o %d:%d", e.Mode, e.Uid, e.Gid)
		}
		want := map[string]string{"ddns-batch": "755 0:0", "etc": "755 0:0", "etc/group": "644 0:0", "etc/passwd": "644 0:0", "etc/ssl": "755 0:0",
			"etc/ssl/certs": "755 0:0", "etc/ssl/certs/ca-certificates.crt": "644 0:0", "state": "700 65532:65532"}
		if !maps.Equal(got, want) {
			t.Errorf("%s has %v", platform, got)
		}
	}
}

func TestImageTrustsTheUsualAuthorities(t *testing.T) {
	rest := contents(t, images(t)["linux/amd64"])["etc/ssl/certs/ca-certificates.crt"].content
	count, names := 0, ""
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		count++
		names += c.Subject.CommonName + "\n"
	}
	// Those of the endpoint and of the usual sources.
	for _, name := range []string{"ISRG Root X1", "Amazon Root CA 1", "USERTrust RSA Certification Authority", "GTS Root R4"} {
		if !bytes.Contains([]byte(names), []byte(name+"\n")) {
			t.Errorf("%s is not among the %d", name, count)
		}
	}
	if count < 80 {
		t.Errorf("only %d", count)
	}
}

// TestImageRuns as a container would run it: its files are the whole file system, only the folder of the state can be written, and the user
// is the image's.
func TestImageRuns(t *testing.T) {
	if os.Geteuid() != 0 {
		required(t, "DDNS_BATCH_DEBIAN", "only root can change the root folder", errors.New("not root"))
	}
	image := images(t)["linux/amd64"]
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	all := contents(t, image)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e, at := all[name], filepath.Join(dir, name)
		if e.FileInfo().IsDir() {
			err = os.Mkdir(at, fs.FileMode(e.Mode))
		} else {
			err = os.WriteFile(at, e.content, fs.FileMode(e.Mode))
		}
		if err := errors.Join(err, os.Chown(at, e.Uid, e.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(dir, 0o755), writeFile(filepath.Join(dir, "etc/ddns-batch/hosts.yaml"), readSource(t, "examples/hosts.yaml"), 0o644)); err != nil {
		t.Fatal(err)
	}
	as := &syscall.Credential{Uid: user, Gid: user}
	call := func(args ...string) (string, int) {
		return callIn(t, dir, config.Config.Entrypoint[0], as, config.Config.Env, args...)
	}
	if err := writeFile(filepath.Join(dir, stamped.dir, "examples/hosts.yaml"), readSource(t, "examples/hosts.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	checkRuns(t, call)
	if _, err := os.Stat(filepath.Join(dir, "state/state.sandbox.json")); err != nil {
		t.Error(err)
	}
	if out, status := call(append(config.Config.Cmd, "--help")...); status != 0 || !strings.Contains(out, "ddns-batch "+config.Config.Cmd[0]+" [") {
		t.Errorf("by default it is called with %q, which ends with %d: %s", config.Config.Cmd, status, out)
	}
}
