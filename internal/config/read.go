package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// readRegular reads a whole file. It opens nothing but regular files, because a pipe would make it wait, and reads no
// more than most bytes. The error does not repeat the path.
func readRegular(path string, most int64) ([]byte, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = regular(info)
	}
	if err != nil {
		return nil, nil, withoutPath(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, withoutPath(err)
	}
	defer f.Close()
	if info, err = f.Stat(); err == nil {
		err = regular(info)
	}
	if err != nil {
		return nil, nil, withoutPath(err)
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, nil, withoutPath(err)
	case int64(len(data)) > most:
		return nil, nil, fmt.Errorf("it is larger than %d KiB", most>>10)
	}
	return data, info, nil
}

func regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a folder; name the file in it")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	return nil
}

// withoutPath unwraps what package os adds; the caller names the path as the user did.
func withoutPath(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
