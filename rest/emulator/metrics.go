package emulator

// metricOperations are those of the metrics that Tableau retired. Nothing in the API makes one, so there are none here:
// scripts that go through them find an empty list.
var metricOperations = []operation{
	op("GET", "sites/{site}/metrics", onSite, nil, listMetrics).since(3, 9),
	op("GET", "sites/{site}/metrics/{id}", onSite, nil, noMetric).since(3, 9),
	op("PUT", "sites/{site}/metrics/{id}", onSite, readXML, noMetric).since(3, 9),
	op("DELETE", "sites/{site}/metrics/{id}", onSite, nil, noMetric).since(3, 9),
}

// listMetrics answers GET metrics. The list has no element around it: after the pagination come the metrics themselves.
func listMetrics(c *call) (*reply, error) {
	p, err := readPage(c, 0, false)
	if err != nil {
		return nil, err
	}
	return ok(p.render()), nil
}

// noMetric answers what is about one metric.
func noMetric(c *call) (*reply, error) {
	return nil, refuse(codeNoContent, "Metric '%s' could not be found.", c.vars["id"])
}
