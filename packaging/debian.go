package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// packagedUnit is an example as it is installed: with the program's and its own place changed to those that belong to packages.
func packagedUnit(example []byte) []byte {
	unit := bytes.ReplaceAll(example, []byte("/etc/systemd/system/"), []byte("/usr/lib/systemd/system/"))
	return bytes.ReplaceAll(unit, []byte("/usr/local/bin/ddns-batch"), []byte("/usr/bin/ddns-batch"))
}

// debianised gives the texts the names and forms that Debian's policy has for them, and adds what only Debian has.
func (s source) debianised(all []file, c common) ([]file, error) {
	const doc = "usr/share/doc/ddns-batch/"
	names := map[string]string{
		doc + "LICENSE":              "copyright",
		doc + "CHANGELOG.md":         "changelog.gz",
		doc + "THIRD-PARTY-LICENCES": "THIRD-PARTY-LICENCES.gz",
	}
	for i, f := range all {
		name, renamed := names[f.path]
		if !renamed {
			continue
		}
		all[i].path = doc + name
		if filepath.Ext(name) == ".gz" {
			data, err := compressed(f.data)
			if err != nil {
				return nil, err
			}
			all[i].data = data
		}
	}
	changes, err := s.debianChangelog()
	if err != nil {
		return nil, err
	}
	overrides, err := os.ReadFile(filepath.Join(s.dir, "packaging", "debian", "lintian-overrides"))
	return append(all, file{path: doc + "changelog.Debian.gz", data: changes},
		file{path: "usr/share/lintian/overrides/ddns-batch", data: overrides}), err
}

// debianChangelog has one entry, which names the changelog of the project.
func (s source) debianChangelog() ([]byte, error) {
	version, before, err := s.packageVersion()
	if err != nil {
		return nil, err
	}
	if before != "" {
		version += "~" + before
	}
	return compressed(fmt.Appendf(nil, "ddns-batch (%s-1) unstable; urgency=medium\n\n  * Version %s. What has changed is in changelog.gz.\n\n -- %s  %s\n",
		version, s.version, maintainer, s.at.Format("Mon, 02 Jan 2006 15:04:05 -0700")))
}
