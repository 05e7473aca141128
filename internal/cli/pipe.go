package cli

import (
	"errors"
	"io"
	"syscall"
)

// pipe takes what nobody reads any more for written: a reader that has seen enough, as head has, is no fault, and the
// exit status goes on telling of something else.
type pipe struct{ io.Writer }

// certain is the stream for what must not get lost: a reader that is gone is an error.
func (s Stream) certain() io.Writer {
	if p, ok := s.Writer.(pipe); ok {
		return p.Writer
	}
	return s.Writer
}

// Copied is the stream with all that is written to it going to w as well.
func (s Stream) Copied(w io.Writer) Stream {
	s.Writer = pipe{io.MultiWriter(s.certain(), w)}
	return s
}

func (p pipe) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		return len(b), nil
	}
	return n, err
}
