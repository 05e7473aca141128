package program

import (
	"os"

	"golang.org/x/sys/windows"
)

type guard struct{}

// minimalEnvironment has what programs cannot do without; exec adds SYSTEMROOT by itself.
func minimalEnvironment() []string {
	root := os.Getenv("SystemRoot")
	return []string{"PATH=" + root + `\System32;` + root}
}

func (p *process) start() error { return p.Start() }

func (p *process) release() {}

func (p *process) kill() { _ = p.Process.Kill() }

func (p *process) ended() {
	_ = p.Process.WithHandle(func(handle uintptr) {
		_, _ = windows.WaitForSingleObject(windows.Handle(handle), windows.INFINITE)
	})
}
