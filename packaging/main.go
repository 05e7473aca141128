// Packaging makes what users install: archives, packages for Linux, a container image and their checksums.
//
//	cd packaging && go run . -o ../dist
//
// It is a module of its own, so that the program's module knows nothing of packages and images. Everything it writes depends only on the
// sources, the version, the commit and the compiler: made twice it is the same, byte for byte.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	from := flag.String("from", "..", "the `folder` of the project")
	to := flag.String("o", filepath.Join("..", "dist"), "the `folder` to write to")
	version := flag.String("version", "", "the version, such as v1.2.3 or v1.2.3-rc.1; default: the tag of the commit, or a version made from its time")
	commit := flag.String("commit", "", "the commit's hash, with -version where there is no git; its time is then in SOURCE_DATE_EPOCH")
	only := flag.String("targets", "", "only these, separated by commas: "+strings.Join(targetNames(), ","))
	flag.Parse()
	if err := run(*from, *to, *version, *commit, *only); err != nil {
		fmt.Fprintf(os.Stderr, "packaging: error: %v\n", err)
		os.Exit(1)
	}
}

func run(from, to, version, commit, only string) error {
	selected, err := selectTargets(only)
	if err != nil {
		return err
	}
	src, err := openSource(from, version, commit)
	if err != nil {
		return err
	}
	if src.dirty {
		fmt.Fprintln(os.Stderr, "packaging: warning: some files differ from the commit; the binaries say +dirty")
	}
	made, err := src.makeAll(to, selected)
	if err != nil {
		return err
	}
	for _, name := range made {
		fmt.Println(filepath.Join(to, name))
	}
	return nil
}
