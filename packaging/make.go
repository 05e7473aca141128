package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// makeAll writes everything for these targets into a folder, and returns the names of the files. What an earlier call made there is replaced;
// other files are left alone.
func (s source) makeAll(to string, selected []target) ([]string, error) {
	scratch, err := os.MkdirTemp("", "ddns-batch-packaging")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	c, err := s.common(scratch)
	if err != nil {
		return nil, err
	}
	binaries := map[string][]byte{}
	for _, t := range selected {
		if binaries[t.String()], err = s.compile(t, scratch); err != nil {
			return nil, err
		}
	}
	made, err := s.pack(to, scratch, selected, binaries, c)
	if err != nil {
		return nil, err
	}
	return s.addChecksums(to, made)
}

// product is a file to be made, by a function that gives its name as well.
type product func() (name string, data []byte, err error)

func (s source) pack(to, scratch string, selected []target, binaries map[string][]byte, c common) ([]string, error) {
	var products []product
	for _, t := range selected {
		binary := binaries[t.String()]
		products = append(products, func() (string, []byte, error) { return s.archive(t, binary, c) })
		if t.packages {
			for _, format := range formats {
				products = append(products, func() (string, []byte, error) { return s.linuxPackage(format, t, binary, c, scratch) })
			}
		}
	}
	if slices.ContainsFunc(selected, func(t target) bool { return len(t.image) > 0 }) {
		products = append(products, func() (string, []byte, error) { return s.image(binaries, selected, scratch) })
	}
	names := make([]string, len(products))
	var all errgroup.Group
	all.SetLimit(4)
	for i, p := range products {
		all.Go(func() error {
			name, data, err := p()
			if err != nil {
				return err
			}
			names[i] = name
			return os.WriteFile(filepath.Join(to, name), data, 0o644)
		})
	}
	err := all.Wait()
	slices.Sort(names)
	return names, err
}

// addChecksums writes what sha256sum --check reads.
func (s source) addChecksums(to string, names []string) ([]string, error) {
	var lines strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(data), name)
	}
	const sums = "SHA256SUMS"
	return append(names, sums), os.WriteFile(filepath.Join(to, sums), []byte(lines.String()), 0o644)
}
