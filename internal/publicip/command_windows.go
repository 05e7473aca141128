package publicip

import (
	"os"
	"os/exec"
)

// minimalEnvironment has what programs cannot do without; exec adds SYSTEMROOT by itself.
func minimalEnvironment() []string {
	root := os.Getenv("SystemRoot")
	return []string{"PATH=" + root + `\System32;` + root}
}

// inGroup: Windows has no process groups that could be killed. The program itself is, and its output is not waited for.
func inGroup(*exec.Cmd) {}

func endGroup(*exec.Cmd) {}
