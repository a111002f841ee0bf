package main

import "wardroom/server/cmd/wardroom/assembly"

type serve struct{ settings }

func (c serve) Run(w *world) error {
	cfg := c.config(w)
	s, err := assembly.Open(w.ctx, cfg, w.log())
	if err != nil {
		return err
	}
	defer s.Close()
	if problems := s.CheckSystem(w.ctx); len(problems) > 0 {
		return assembly.Problems(problems)
	}
	l, err := assembly.Listen(cfg)
	if err != nil {
		return err
	}
	defer paceCollector()()
	defer limitMemory(cfg.MemoryBytes())()
	return s.Serve(w.ctx, l)
}
