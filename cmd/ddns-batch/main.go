// Command ddns-batch keeps the A records of whole zones at Namecheap pointing at this connection's address.
package main

import (
	"os"

	"ddns-batch/internal/cli"
)

func main() { os.Exit(cli.Main(cli.RealSystem())) }
