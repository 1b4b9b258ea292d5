package rest

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// A Metric is a number of a view that is kept and followed ("Get Metric").
type Metric struct {
	LUID        string    `api:"@id"`
	Name        string    `api:"@name"`
	Description string    `api:"@description"`
	WebpageURL  string    `api:"@webpageUrl"`
	Suspended   bool      `api:"@suspended"`
	ProjectLUID string    `api:"project/@id"`
	ProjectName string    `api:"project/@name"`
	OwnerLUID   string    `api:"owner/@id"`
	ViewLUID    string    `api:"underlyingView/@id"`
	Tags        []string  `api:"tags/tag/@label"`
	CreatedAt   time.Time `api:"@createdAt"`
	UpdatedAt   time.Time `api:"@updatedAt"`
}

// MetricsService works with metrics, which Tableau retired in 2024 (API 3.9). Newer servers list none.
type MetricsService struct{ s *Session }

// All lists the metrics of the site ("List Metrics for Site", API 3.9).
func (ms *MetricsService) All(ctx context.Context, q Query) iter.Seq2[Metric, error] {
	return listing[Metric]{
		op: "List Metrics for Site", since: Version{3, 9}, path: "metrics", query: q,
		items: []string{"metrics", "metric"}, // servers leave out the element around them
	}.all(ctx, ms.s)
}

// ByLUID reads a metric ("Get Metric", API 3.9).
func (ms *MetricsService) ByLUID(ctx context.Context, luid string) (Metric, error) {
	q, err := ms.request(http.MethodGet, "Get Metric", luid)
	var m Metric
	if err == nil {
		m, err = read[Metric](ctx, ms.s, q, "metric")
	}
	if err != nil {
		return Metric{}, fmt.Errorf("reading metric %q: %w", luid, err)
	}
	return m, nil
}

// MetricUpdate says what to change of a metric; what is nil stays as it is.
type MetricUpdate struct {
	Name        *string `api:"@name"`
	Description *string `api:"@description"`
	Suspended   *bool   `api:"@suspended"`
	ProjectLUID *string `api:"project/@id"`
	OwnerLUID   *string `api:"owner/@id"`
}

// Update changes a metric ("Update Metric", API 3.9).
func (ms *MetricsService) Update(ctx context.Context, luid string, u MetricUpdate) (Metric, error) {
	q, err := ms.request(http.MethodPut, "Update Metric", luid)
	if err == nil {
		err = q.carry(encodeElement("metric", u))
	}
	var m Metric
	if err == nil {
		m, err = read[Metric](ctx, ms.s, q, "metric")
	}
	if err != nil {
		return Metric{}, fmt.Errorf("updating metric %q: %w", luid, err)
	}
	return m, nil
}

// Delete deletes a metric ("Delete Metric", API 3.9).
func (ms *MetricsService) Delete(ctx context.Context, luid string) error {
	q, err := ms.request(http.MethodDelete, "Delete Metric", luid)
	if err == nil {
		err = ms.s.remove(ctx, q)
	}
	if err != nil {
		return fmt.Errorf("deleting metric %q: %w", luid, err)
	}
	return nil
}

// request is a call about one metric.
func (ms *MetricsService) request(method, op, luid string) (*request, error) {
	if err := checkLUID("metric", luid); err != nil {
		return nil, err
	}
	return &request{op: op, since: Version{3, 9}, method: method, path: "metrics/" + segments(luid)}, nil
}
