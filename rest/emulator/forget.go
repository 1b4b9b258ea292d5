package emulator

import "slices"

// forgetContent takes off the site what is about a project, content or a view that is gone.
func (s *Server) forgetContent(where *site, luid string) {
	where.forgetRules(luid)
	s.forgetWork(where, luid)
	where.favorites.DeleteFunc(func(f *favorite) bool { return f.Content == luid })
}

// forgetView takes off the site what is about a view that is gone.
func (s *Server) forgetView(where *site, luid string) {
	where.hiddenViews.Delete(luid)
	s.forgetContent(where, luid)
	where.dismissals.DeleteFunc(func(d *dismissal) bool { return d.View == luid })
	where.alerts.DeleteFunc(func(a *alert) bool { return a.View == luid })
	for _, v := range where.customViews.All() {
		if v.View == luid {
			s.dropCustomView(where, v)
		}
	}
}

// forgetUser takes off the site what a user, who is gone, liked, made and was told of.
func (s *Server) forgetUser(where *site, luid string) {
	where.forgetGrantee(luid)
	where.favorites.DeleteFunc(func(f *favorite) bool { return f.User == luid })
	where.recents.Delete(luid)
	where.webhooks.DeleteFunc(func(w *webhook) bool { return w.Owner == luid })
	where.dismissals.DeleteFunc(func(d *dismissal) bool { return d.User == luid })
	where.defaultViews.DeleteFunc(func(d *defaultView) bool { return d.User == luid })
	for _, v := range where.customViews.All() {
		if v.Owner == luid {
			s.dropCustomView(where, v)
		}
	}
	for _, n := range where.subscriptions.All() {
		if n.User == luid {
			s.removeSubscription(where, n)
		}
	}
	where.alerts.DeleteFunc(func(a *alert) bool { return a.Owner == luid })
	for _, a := range where.alerts.All() {
		if i := slices.Index(a.Recipients, luid); i >= 0 {
			changed := *a
			changed.Recipients = slices.Delete(slices.Clone(a.Recipients), i, i+1)
			where.alerts.Put(&changed)
		}
	}
}
