package torture

func asChild() bool { return false }
