package emulator

import (
	"slices"
	"time"
)

// acceleration is what the server does to show a view sooner.
type acceleration struct {
	Enabled bool
	Now     bool // as soon as possible
	Since   time.Time
}

// accelerate reads the dataAccelerationConfig of a workbook: it is for the views the request names, or for all of them.
// A config that does not say whether to accelerate changes nothing.
func (a *asset) accelerate(c *call, request *element) error {
	config := request.child("dataAccelerationConfig")
	if config.attr("accelerationEnabled") == "" {
		return nil
	}
	if !c.user.isAdministrator() && a.Owner != c.user.LUID {
		return refuse(codeForbidden, "User '%s' is neither an administrator nor the owner of workbook '%s' and may not set its acceleration.", c.user.LUID, a.LUID)
	}
	wanted := acceleration{Since: stamp(c.now)}
	if err := config.readFlag("accelerationEnabled", &wanted.Enabled); err != nil {
		return err
	}
	if err := config.readFlag("accelerateNow", &wanted.Now); err != nil {
		return err
	}
	chosen, err := a.chosenViews(c, request.child("views"))
	if err != nil {
		return err
	}
	if wanted.Enabled && !slices.ContainsFunc(chosen, func(v *view) bool { return v.Seen > 0 }) {
		return refuse(codeAcceleration, "No view of workbook '%s' that is to be accelerated has ever been accessed by a user.", a.LUID)
	}
	for _, v := range chosen {
		changed := *v
		changed.Acceleration = wanted
		c.site.views.Put(&changed)
	}
	return nil
}

// chosenViews returns the views of the workbook that the list names, or all of them when it names none.
func (a *asset) chosenViews(c *call, list *element) ([]*view, error) {
	var chosen []*view
	for e := range list.each("view") {
		v := c.site.views.Get(e.attr("id"))
		if v == nil || v.Workbook != a.LUID {
			return nil, refuse(codeNoView, "Workbook '%s' has no view '%s'.", a.LUID, e.attr("id"))
		}
		chosen = append(chosen, v)
	}
	if len(chosen) == 0 {
		return c.site.viewsOf(a), nil
	}
	return chosen, nil
}

// status is what became of the acceleration by now. A view to be accelerated at once is pending for as long as a job
// takes.
func (x acceleration) status(c *call) string {
	switch {
	case !x.Enabled:
		return "Off"
	case x.Now && !c.now.After(x.Since.Add(c.server.jobTime)):
		return "Pending"
	}
	return "On"
}

func (v *view) renderAcceleration(c *call) *element {
	return node("dataAccelerationConfig").
		withBool("accelerationEnabled", v.Acceleration.Enabled).
		with("accelerationStatus", v.Acceleration.status(c))
}

// renderAcceleratedViews writes the views of a workbook, each with its acceleration.
func (a *asset) renderAcceleratedViews(c *call) *element {
	views := node("views")
	for _, v := range c.site.viewsOf(a) {
		views.add(v.render(a, renderTags(v.Tags), v.renderAcceleration(c)))
	}
	return views
}

// renderWorkbookAcceleration writes the acceleration of a workbook by the view that was accelerated last, nil when none
// is.
func (c *call) renderWorkbookAcceleration(views []*view) *element {
	var last acceleration
	for _, v := range views {
		if v.Acceleration.Enabled && !v.Acceleration.Since.Before(last.Since) {
			last = v.Acceleration
		}
	}
	if !last.Enabled {
		return nil
	}
	return node("dataAccelerationConfig").
		with("accelerationEnabled", "true").
		with("lastUpdatedAt", formatTime(last.Since)).
		with("accelerationStatus", last.status(c))
}
