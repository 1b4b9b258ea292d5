package rest

import (
	"context"
	"log/slog"
	"net/url"
	"time"
)

// logAnswer tells of a request that went well.
func (c *Client) logAnswer(ctx context.Context, base *url.URL, q *request, status, attempt int, took time.Duration) {
	c.log.LogAttrs(ctx, slog.LevelDebug, "answered",
		slog.String("operation", q.op), slog.String("method", q.method), slog.String("path", base.Path+"/api/"+q.path),
		slog.Int("status", status), slog.Int("attempt", attempt), slog.Duration("took", took),
	)
}

// logFailure tells of a request that did not go well. Refusals are the server's answers like others; what is said aloud is what
// is sent again, and what got no answer at all.
func (c *Client) logFailure(ctx context.Context, e *Error, took, wait time.Duration, again bool) {
	level, attrs := slog.LevelDebug, []slog.Attr{
		slog.String("operation", e.Operation), slog.String("method", e.Method), slog.String("path", e.Path),
		slog.Int("status", e.Status), slog.Int("attempt", e.Attempts), slog.Duration("took", took),
	}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", e.Code))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.Err != nil && !ended(e.Err) {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	if again {
		level = slog.LevelWarn
		attrs = append(attrs, slog.Duration("again_in", wait))
	}
	c.log.LogAttrs(ctx, level, "failed", attrs...)
}
