package cli

import (
	"github.com/spf13/cobra"

	"ddns-batch/internal/doctor"
	"ddns-batch/internal/report"
)

const doctorHelp = `doctor checks everything that a run depends on: the YAML file, the passwords, the clock, the state and whether it can be
saved, the address sources and the connection to them, the endpoint, each domain's name servers, each record, and what
follows a run: files, commands, notifications and heartbeats.
Every line is ok, a warning or a problem, with the next step. It sends no update, and leaves nothing behind.

Exit status: 0, or 1 if there is a problem.`

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	sandbox bool
	standIn sandboxOptions
}

func (a *app) doctorCommand() *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check everything that a run depends on, and say what to do",
		Long:    doctorHelp,
		Example: "  ddns-batch doctor\n  ddns-batch doctor --only example.com -o json",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.doctor(o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.sandbox, "sandbox", false, "check the built-in stand-in, and the state that runs with --sandbox keep")
	o.standIn.register(f)
	return cmd
}

// doctor prints what is found.
func (a *app) doctor(o doctorOptions) error {
	if err := o.standIn.check(o.sandbox); err != nil {
		return err
	}
	a.stop.Start(doctor.Limit)
	a.stop.NothingToSave()
	found, err := a.examine(o)
	if err != nil {
		return err
	}
	if caught := a.stop.Status(); caught != 0 {
		return exitStatus(caught)
	}
	if err := a.print(found); err != nil {
		return err
	}
	return exitStatus(found.ExitStatus())
}

// examine looks at the installation. The error is one of the command line.
func (a *app) examine(o doctorOptions) (report.Findings, error) {
	in, err := a.open(o.sandbox)
	var selected []int
	if err == nil {
		selected, err = selectRecords(in.config.Records, a.only)
	}
	run := runOptions{sandbox: o.sandbox}
	if err == nil {
		err = a.checkFiles(run, in)
	}
	if err != nil {
		return doctor.NoConfiguration(asFailure(err).Report), nil
	}
	target, err := a.target(o.sandbox, o.standIn, in)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	s := doctor.Subject{
		Config: in.config, Selected: selected, Passwords: in.passwords, State: in.state, AfterRun: a.afterRun(run, in), Target: target,
		Now: a.Now, Built: builtAt(), Local: a.Local, UnknownZone: a.UnknownZone, Guide: a.guide, Program: a.program(in.state, o.standIn.flags(o.sandbox)),
	}
	for _, i := range selected {
		s.Records = append(s.Records, in.records[i])
	}
	if in.passwordErr != nil {
		fault := configError(in.passwordErr)
		s.PasswordFault = &fault
	}
	if in.stateErr != nil {
		s.StateFault = &asFailure(in.stateErr).Report
	}
	return doctor.Examine(a.stop.Sending, s), nil
}
