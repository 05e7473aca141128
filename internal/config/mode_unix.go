//go:build !windows

package config

import "io/fs"

// readers says who may read a file besides its owner.
func readers(info fs.FileInfo) (others, group bool) {
	return info.Mode()&0o004 != 0, info.Mode()&0o040 != 0
}
