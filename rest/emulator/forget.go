package emulator

// forgetView takes off the site what is about a view that is gone.
func (s *Server) forgetView(where *site, luid string) {
	where.hiddenViews.Delete(luid)
	where.forgetRules(luid)
	s.forgetWork(where, luid)
	where.favorites.DeleteFunc(func(f *favorite) bool { return f.Content == luid })
	where.dismissals.DeleteFunc(func(d *dismissal) bool { return d.View == luid })
	for _, v := range where.customViews.All() {
		if v.View == luid {
			s.dropCustomView(where, v)
		}
	}
}
