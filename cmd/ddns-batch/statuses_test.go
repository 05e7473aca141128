package main

import "ddns-batch/internal/exitstatus"

// Exit statuses as processes have them.
const (
	statusOK          = int(exitstatus.OK)
	statusNotAsAsked  = int(exitstatus.NotAsAsked)
	statusUsage       = int(exitstatus.Usage)
	statusNoAddress   = int(exitstatus.NoAddress)
	statusState       = int(exitstatus.State)
	statusPending     = int(exitstatus.Pending)
	statusHungUp      = int(exitstatus.HungUp)
	statusInterrupted = int(exitstatus.Interrupted)
	statusTerminated  = int(exitstatus.Terminated)
)
