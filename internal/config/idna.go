package config

import (
	"errors"
	"fmt"
	"strings"

	"ddns-batch/internal/idn"
)

// aLabels is name in lower case, as A-labels, without one trailing dot.
func aLabels(name string) (string, error) {
	// No name is as long as this even before it is shortened, and the work for A-labels grows with the square.
	if len(name) > 2000 {
		return "", checkLength(len(name))
	}
	ascii, err := idn.ToASCII(name)
	switch {
	case errors.Is(err, idn.ErrInvalid):
		return "", fmt.Errorf("%s %w", quote(name), err)
	case err != nil:
		return "", fmt.Errorf("%s: %w", quote(name), err)
	}
	return strings.TrimSuffix(ascii, "."), nil
}
