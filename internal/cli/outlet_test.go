package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"ddns-batch/internal/outfile"
)

func TestASlowReaderGetsAllInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		o := &outlet{to: writer, limit: lastMoment}
		var want []byte
		began := time.Now()
		for i := range 100 {
			line := bytes.Repeat([]byte{byte(i)}, 100)
			want = append(want, line...)
			_, _ = o.Write(line)
			clear(line)
		}
		if waited := time.Since(began); waited != lastMoment {
			t.Errorf("the writer waited %s", waited)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(reader, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v, read %x", err, got)
		}
		if err := o.flush(); err != nil {
			t.Error(err)
		}
	})
}

// What is kept for a slow reader is bounded, and that something was left out is an error.
func TestATooSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		o := &outlet{to: writer, limit: lastMoment}
		chunk := make([]byte, 64<<10)
		for range 100 {
			_, _ = o.Write(chunk)
		}
		if n := len(o.waiting); n > mostWaiting+len(chunk) {
			t.Errorf("%d bytes wait", n)
		}
		if err := o.settle(time.Second); !errors.Is(err, errLinesLost) {
			t.Errorf("the error is %v", err)
		}
		// It is given up all the same.
		before := time.Now()
		_, _ = o.Write(chunk)
		if err := o.flush(); !errors.Is(err, errLinesLost) || time.Since(before) > 0 {
			t.Errorf("the error is %v after %s", err, time.Since(before))
		}
		_ = reader.Close()
	})
}

func TestAReaderIsWaitedForUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		over := make(chan struct{})
		time.AfterFunc(time.Hour, func() { close(over) })
		o := &outlet{to: writer, over: over}
		began := time.Now()
		if _, err := o.Write([]byte("report")); !errors.Is(err, outfile.ErrNobodyReads) || time.Since(began) != time.Hour+lastMoment {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		if _, err := o.Write([]byte("more")); !errors.Is(err, outfile.ErrNobodyReads) || time.Since(began) != time.Hour+lastMoment {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		_ = reader.Close()
	})
}

func TestAnErrorIsKept(t *testing.T) {
	full := errors.New("no space left on device")
	o := &outlet{to: failing{full}, limit: time.Minute}
	if n, err := o.Write([]byte("line")); n != 4 || err != nil {
		t.Errorf("a log is told %d, %v, and would complain on stderr", n, err)
	}
	if err := o.flush(); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A reader who was given up is not waited for again until it has read what is being written; then all is as in the beginning.
func TestAReaderWhoComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		o := &outlet{to: writer}
		for i := range 3 {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			o.renew(ctx)
			if _, err := o.Write([]byte("one")); !errors.Is(err, outfile.ErrNobodyReads) {
				t.Errorf("the error is %v", err)
			}
			if waited := time.Since(began); i > 0 && waited > 0 {
				t.Errorf("the writer waited %s", waited)
			}
			cancel()
		}
		got := make([]byte, 3)
		if _, err := io.ReadFull(reader, got); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		o.renew(t.Context())
		go func() { _, _ = o.Write([]byte("two")) }()
		if _, err := io.ReadFull(reader, got); err != nil || string(got) != "two" {
			t.Errorf("%v, read %q", err, got)
		}
		synctest.Wait()
		if err := o.flush(); err != nil {
			t.Error(err)
		}
	})
}
