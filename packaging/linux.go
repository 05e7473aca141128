package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/apk"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

const (
	summary    = "keeps DNS records at Namecheap at this connection's address"
	maintainer = "The ddns-batch authors <ddns-batch@example.org>"
	details    = `One call reads a YAML file that lists the records of all domains, finds the
external IPv4 address once, sends what differs, and tells the truth about
every record. A timer or cron calls it every five minutes.`
)

// format is a kind of package.
type format struct {
	name          string
	packager      nfpm.Packager
	zsh           string // where it looks for completions
	systemd, apts bool   // has it units, and what only Debian's packages have
}

var formats = []format{
	{name: "deb", packager: deb.Default, zsh: "usr/share/zsh/vendor-completions/_ddns-batch", systemd: true, apts: true},
	{name: "rpm", packager: rpm.DefaultRPM, zsh: "usr/share/zsh/site-functions/_ddns-batch", systemd: true},
	{name: "apk", packager: apk.Default, zsh: "usr/share/zsh/site-functions/_ddns-batch"},
}

// linuxPackage is a package for one distribution's package manager.
func (s source) linuxPackage(f format, t target, binary []byte, c common, scratch string) (string, []byte, error) {
	installed, err := s.installed(f, binary, c)
	if err != nil {
		return "", nil, err
	}
	dir := filepath.Join(scratch, f.name+"-"+t.String())
	var contents files.Contents
	for _, one := range installed {
		from := filepath.Join(dir, filepath.FromSlash(one.path))
		if err := writeFile(from, one.data, one.mode); err != nil {
			return "", nil, err
		}
		contents = append(contents, &files.Content{Source: from, Destination: "/" + one.path,
			FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: one.mode, MTime: s.at}})
	}
	info, err := s.packageInfo(f, t, contents)
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	if err := f.packager.Package(info, &out); err != nil {
		return "", nil, fmt.Errorf("%s for %s: %w", f.name, t, err)
	}
	// Forges do not keep a ~ in the name of a file, and SHA256SUMS would name another one.
	return strings.ReplaceAll(f.packager.ConventionalFileName(info), "~", "."), out.Bytes(), nil
}

func (s source) packageInfo(f format, t target, contents files.Contents) (*nfpm.Info, error) {
	release, before, err := s.packageVersion()
	if err != nil {
		return nil, err
	}
	info := &nfpm.Info{
		Name: "ddns-batch", Platform: t.os, Arch: t.arch + strings.TrimPrefix(t.suffix, "v"),
		Version: release, Prerelease: before, VersionSchema: "none", Release: "1",
		Section: "net", Priority: "optional", License: "MIT", Maintainer: maintainer, Description: summary + "\n" + details, MTime: s.at,
		Overridables: nfpm.Overridables{Contents: contents, Recommends: []string{"ca-certificates"},
			// Otherwise it is the name of the machine.
			RPM: nfpm.RPM{BuildHost: "localhost", Summary: summary, Packager: maintainer}},
	}
	if f.apts {
		scripts := filepath.Join(s.dir, "packaging", "debian")
		info.Scripts = nfpm.Scripts{PostInstall: filepath.Join(scripts, "postinst"), PreRemove: filepath.Join(scripts, "prerm"), PostRemove: filepath.Join(scripts, "postrm")}
	}
	return info, nfpm.PrepareForPackager(info, f.name)
}

// installed is what a package puts where.
func (s source) installed(f format, binary []byte, c common) ([]file, error) {
	const doc = "usr/share/doc/ddns-batch/"
	all := []file{
		{path: "usr/bin/ddns-batch", mode: 0o755, data: binary},
		{path: "usr/share/bash-completion/completions/ddns-batch", data: c.completions["bash"]},
		{path: f.zsh, data: c.completions["zsh"]},
		{path: "usr/share/fish/vendor_completions.d/ddns-batch.fish", data: c.completions["fish"]},
	}
	for _, page := range c.manPages {
		data, err := compressed(page.data)
		if err != nil {
			return nil, err
		}
		section := page.path[strings.LastIndexByte(page.path, '.')+1:]
		all = append(all, file{path: "usr/share/man/man" + section + "/" + page.path + ".gz", data: data})
	}
	for _, one := range c.texts {
		all = append(all, file{path: doc + one.path, data: one.data})
	}
	for _, one := range append(c.docs, c.examples...) {
		all = append(all, file{path: doc + one.path, data: one.data})
		if name, isUnit := strings.CutPrefix(one.path, "examples/systemd/"); isUnit && f.systemd {
			all = append(all, file{path: "usr/lib/systemd/system/" + name, data: packagedUnit(one.data)})
		}
	}
	if f.apts {
		var err error
		if all, err = s.debianised(all, c); err != nil {
			return nil, err
		}
	}
	for i := range all {
		all[i].mode |= 0o644 & fs.ModePerm
	}
	return all, nil
}
