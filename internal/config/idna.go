package config

import (
	"errors"
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
		return "", nameError{name, " " + err.Error()}
	case err != nil:
		return "", nameError{name, ": " + err.Error()}
	}
	return strings.TrimSuffix(ascii, "."), nil
}
