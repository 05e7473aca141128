//go:build !linux

package roots

// bundles: elsewhere the system is asked about each certificate, or reads one file only.
var bundles []string
