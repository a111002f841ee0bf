package command

import "reflect"

// Name is what the program calls the command: the name of its type, which says
// nothing of what is in it.
func Name(c Command) string {
	if u, ok := c.(unattachable); ok {
		c = u.Command
	}
	return reflect.TypeOf(meant(c)).Name()
}
