package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/ownership"
	"ddns-batch/internal/shell"
)

// ReadText reads a whole file, or what comes out of a pipe until its end or until ctx is over, and no more than most bytes
// of either. Where the text begins with a byte order mark that is left out, and UTF-16, as PowerShell writes it, is decoded.
// The error does not repeat the path.
func ReadText(ctx context.Context, path string, most int64) ([]byte, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = readable(info)
	}
	if err != nil {
		return nil, nil, refusal(path, err)
	}
	// O_NONBLOCK, because to open a pipe would wait for a writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, refusal(path, err)
	}
	defer f.Close()
	if info, err = f.Stat(); err == nil {
		err = readable(info)
	}
	if err != nil {
		return nil, nil, humanize.WithoutPath(err)
	}
	var from io.Reader = f
	if isPipe(info) {
		stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
		defer stop()
		from = &pipe{File: f, ctx: ctx, begun: isDevice(path)}
	}
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	switch {
	case err != nil:
		return nil, nil, humanize.WithoutPath(err)
	case int64(len(data)) > most:
		return nil, nil, fmt.Errorf("it is larger than %d KiB", most>>10)
	}
	data, _, err = transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	return data, info, err
}

func readable(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a folder; name the file in it")
	case !info.Mode().IsRegular() && !isPipe(info):
		return errors.New("it is neither a file nor a pipe")
	}
	return nil
}

func isPipe(info fs.FileInfo) bool { return info.Mode()&fs.ModeNamedPipe != 0 }

// isDevice reports whether path is a name that the system made, as /dev/stdin and the /dev/fd/63 of a shell's <(...): a
// pipe of that name has its writer already, and nothing lies beside it.
func isDevice(path string) bool {
	return path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") ||
		strings.HasPrefix(path, "/proc/") && filepath.Base(filepath.Dir(path)) == "fd"
}

// dirOf is what relative paths in the file at path count from.
func dirOf(path string) string {
	if isDevice(path) {
		return "."
	}
	return filepath.Dir(path)
}

var errUnfinished = errors.New("it is a pipe, and its writer did not finish in time")

// pipe is a pipe that is being read. Until it has begun it may have no writer yet, and its end is none.
type pipe struct {
	*os.File
	ctx   context.Context
	begun bool
}

// writerPoll is how often it is looked whether a writer has come: the system does not tell.
const writerPoll = 10 * time.Millisecond

func (p *pipe) Read(into []byte) (int, error) {
	for {
		n, err := p.File.Read(into)
		p.begun = p.begun || n > 0
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return n, errUnfinished
		case p.begun || !errors.Is(err, io.EOF):
			return n, err
		}
		select {
		case <-p.ctx.Done():
			return 0, errUnfinished
		case <-time.After(writerPoll):
		}
	}
}

// refusal is err without the path. Where this user may not read the file it says whose it is and what can be done.
func refusal(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		if advice, command := remedy(path); advice != "" {
			return fmt.Errorf("%w; %s", humanize.WithoutPath(err), shell.Suggest(advice, command))
		}
	}
	return humanize.WithoutPath(err)
}

// remedy says whose a file is that may not be read, who runs this, and what to do; empty where nothing is known of it. command
// is what to type for that; nil for none.
func remedy(path string) (advice string, command []string) {
	me := ownership.Me()
	info, err := os.Stat(path)
	if err != nil {
		// A folder on the way is closed: the lowest of those that can be seen.
		dir := filepath.Dir(path)
		for ; ; dir = filepath.Dir(dir) {
			if info, err = os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
				break
			}
		}
		if err != nil || me == "" {
			return "", nil
		}
		owner, _ := ownership.User(info)
		return fmt.Sprintf("the folder %s belongs to %s, and %s may not enter it: put the file elsewhere, or run this as %s", dir, owner, me, owner), nil
	}
	switch owner, mine := ownership.User(info); {
	case me == "":
		return "", nil
	case mine:
		return "type:", []string{"chmod", "u+r", path}
	case owner == "root":
		return fmt.Sprintf("it belongs to root, but this runs as %s; put sudo before the command, or type:", me), []string{"sudo", "chown", me, path}
	default:
		return fmt.Sprintf("it belongs to %s, but this runs as %s; put this before the command:", owner, me), []string{"sudo", "-u", owner}
	}
}
