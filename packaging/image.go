package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user of the image. It is the number that other images without a shell have for theirs.
const user = 65532

// image is an index of images for several machines, as an OCI layout in a tar archive: docker load, podman load and skopeo read it.
func (s source) image(binaries map[string][]byte, selected []target, scratch string) (name string, data []byte, err error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, t := range selected {
		for _, variant := range t.image {
			platform := v1.Platform{OS: t.os, Architecture: t.arch, Variant: variant}
			one, err := s.imageFor(platform, binaries[t.String()])
			if err != nil {
				return "", nil, err
			}
			index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: one, Descriptor: v1.Descriptor{Platform: &platform}})
		}
	}
	dir := filepath.Join(scratch, "image")
	to, err := layout.Write(dir, empty.Index)
	if err != nil {
		return "", nil, err
	}
	err = to.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": s.named(),
		"io.containerd.image.name":          "ddns-batch:" + s.named(),
	}))
	if err != nil {
		return "", nil, err
	}
	files, err := filesBelow(dir, ".")
	if err != nil {
		return "", nil, err
	}
	data, err = tarred(files, s.at)
	return "ddns-batch_" + s.named() + "_image.tar", data, err
}

// imageFor has the binary, the certificate authorities, a user and a folder of that user's for the state. There is no shell and nothing else.
func (s source) imageFor(platform v1.Platform, binary []byte) (v1.Image, error) {
	contents, err := tarred([]file{
		{path: "ddns-batch", mode: 0o755, data: binary},
		{path: "etc", mode: fs.ModeDir | 0o755},
		{path: "etc/group", mode: 0o644, data: []byte("root:x:0:\nddns-batch:x:65532:\n")},
		{path: "etc/passwd", mode: 0o644, data: []byte("root:x:0:0::/:/sbin/nologin\nddns-batch:x:65532:65532::/state:/sbin/nologin\n")},
		{path: "etc/ssl", mode: fs.ModeDir | 0o755},
		{path: "etc/ssl/certs", mode: fs.ModeDir | 0o755},
		{path: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, data: authorities()},
		{path: "state", mode: fs.ModeDir | 0o700, owner: user},
	}, s.at)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(contents)), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	created := v1.Time{Time: s.at}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{Created: created, CreatedBy: "ddns-batch " + s.version}})
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Variant = platform.OS, platform.Architecture, platform.Variant
	config.Created = created
	config.Config = s.imageConfig()
	return mutate.ConfigFile(image, config)
}

// imageConfig is how a container is started. Secrets of Docker and Podman are where password_file looks for a file of that name.
func (s source) imageConfig() v1.Config {
	return v1.Config{
		User:       "65532:65532",
		Entrypoint: []string{"/ddns-batch"},
		Cmd:        []string{"watch"},
		WorkingDir: "/",
		Env:        []string{"STATE_DIRECTORY=/state", "CREDENTIALS_DIRECTORY=/run/secrets"},
		Volumes:    map[string]struct{}{"/state": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "ddns-batch",
			"org.opencontainers.image.description": summary,
			"org.opencontainers.image.licenses":    "MIT",
			"org.opencontainers.image.version":     s.named(),
			"org.opencontainers.image.revision":    s.commit,
			"org.opencontainers.image.created":     s.at.Format("2006-01-02T15:04:05Z"),
		},
	}
}

// authorities are those that Mozilla trusts, as the module that go.mod names has them. Those that are trusted for older certificates only are
// left out, as a file cannot say so.
func authorities() []byte {
	var all bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if c, err := x509.ParseCertificate(root.Certificate); err == nil {
			all.WriteString("# " + c.Subject.String() + "\n")
		}
		// Writing to memory does not fail.
		_ = pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})
	}
	return all.Bytes()
}

// writeFile also makes the folders on the way.
func writeFile(name string, data []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, mode)
}
