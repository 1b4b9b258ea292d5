package emulator

import "net/http"

// On Tableau Cloud there are no schedules of the server: a task or subscription has its own, which is a sibling in the
// request and the answer.

// newOwnSchedule makes the schedule that belongs to one task or subscription.
func (c *call) newOwnSchedule(scheduleType string, body *element) (*schedule, error) {
	h := schedule{Type: scheduleType}
	if err := h.changeCadence(body); err != nil {
		return nil, err
	}
	return c.server.addSchedule(h, c.now), nil
}

// createExtractTask answers POST tasks/extractRefreshes of Tableau Cloud: a task with a schedule of its own.
func createExtractTask(c *call) (*reply, error) {
	t := &task{Kind: extractTasks.element, Priority: defaultPriority}
	if err := t.readExtract(c); err != nil {
		return nil, err
	}
	h, err := c.newOwnSchedule(extractSchedule, c.body.child("schedule"))
	if err != nil {
		return nil, err
	}
	t.LUID, t.Schedule = c.server.newID(), h.LUID
	c.site.tasks.Put(t)
	return &reply{
		status: http.StatusCreated, location: c.path("tasks/extractRefreshes", t.LUID),
		body: []*element{t.renderExtract(), h.render()},
	}, nil
}

// updateExtractTask answers PUT, or as the reference has it POST, tasks/extractRefreshes/{id} of Tableau Cloud. A task on a
// schedule of the server gets one of its own.
func updateExtractTask(c *call) (*reply, error) {
	t, err := extractTasks.find(c, codeNoTask)
	if err != nil {
		return nil, err
	}
	changed := *t
	if c.body.child("extractRefresh") != nil {
		if err := changed.readExtract(c); err != nil {
			return nil, err
		}
	}
	h := c.server.schedules.Get(t.Schedule)
	if body := c.body.child("schedule"); body != nil {
		if h, err = c.newOwnSchedule(extractSchedule, body); err != nil {
			return nil, err
		}
		c.server.dropOwnSchedule(t.Schedule)
		changed.Schedule = h.LUID
	}
	c.site.tasks.Put(&changed)
	return ok(changed.renderExtract(), h.render()), nil
}

// readExtract puts into t what the request says of the extract refresh.
func (t *task) readExtract(c *call) error {
	body := c.body.child("extractRefresh")
	if asked := body.attr("type"); asked != "" {
		known, isKnown := spelled([]string{fullRefresh, incrementalRefresh, "extractRefresh"}, asked)
		if !isKnown {
			return refuse(codeMalformed, "The type '%s' is neither %s nor %s.", asked, fullRefresh, incrementalRefresh)
		}
		t.Incremental = known == incrementalRefresh
	}
	for _, k := range []*kind{workbooks, datasources} {
		content := body.child(k.element)
		if content == nil {
			continue
		}
		a := k.of(c.site).Get(content.attr("id"))
		if a == nil {
			return refuse(k.missing, "The %s '%s' could not be found.", k.element, content.attr("id"))
		}
		t.About = a.object()
		return c.allowRefresh(a)
	}
	if t.About.LUID == "" {
		return refuse(codeMalformed, "The request body has no extractRefresh with a workbook or datasource.")
	}
	return nil
}

// renderExtract writes the task as these operations answer it, beside its schedule.
func (t *task) renderExtract() *element {
	return node("extractRefresh", node(t.About.Kind).with("id", t.About.LUID)).
		with("id", t.LUID).
		with("type", t.refreshType())
}
