package program

// CloseInheritedOnExec does nothing: a program is given the handles that it is meant to have, and no others.
func CloseInheritedOnExec() {}
