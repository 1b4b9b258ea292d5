package emulator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Many clients publish, list, download, overwrite and delete on one site at once. Each finds exactly its own file again,
// and in the end nothing is left.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		clients int
		opts    []Option
	}{"memory": {200, nil}, "folder": {40, []Option{WithState(t.TempDir())}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, c.opts...)
			var clients sync.WaitGroup
			for i := range c.clients {
				clients.Go(func() { (&oneOfMany{w, i}).run() })
			}
			clients.Wait()
			w.get("workbooks").wantIn(`totalAvailable="0"`)
			if size := w.server.store.Size(); size != 0 {
				t.Errorf("%d bytes are left", size)
			}
		})
	}
}

// oneOfMany is one of many clients of a world.
type oneOfMany struct {
	*world
	number int
}

func (u *oneOfMany) do(method, path, body string, want int) string {
	r, err := http.NewRequestWithContext(u.t.Context(), method, URL+"/api/3.29/sites/"+u.site+"/"+path, strings.NewReader(body))
	if err != nil {
		u.t.Error(err)
		return ""
	}
	r.Header.Set("X-Tableau-Auth", u.token)
	r.Header.Set("Content-Type", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a")
	resp, err := u.client().Do(r)
	if err != nil {
		u.t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		u.t.Errorf("client %d: %s %s: %d, %v, %.300s", u.number, method, path, resp.StatusCode, err, answer)
	}
	return string(answer)
}

func (u *oneOfMany) run() {
	var id string
	for _, round := range []string{"first", "second", "third"} {
		sheet := fmt.Sprintf("Map %d %s", u.number, round)
		file := strings.ReplaceAll(salesTWB, "'Map'", "'"+sheet+"'")
		payload := fmt.Sprintf(`<tsRequest><workbook name="Sales %d"/></tsRequest>`, u.number)
		answer := u.do("POST", "workbooks?overwrite=true", tsc(payload, "tableau_workbook", "a.twb", file), 201)
		if id == "" {
			id = longLUID.FindString(answer)
		}
		if !strings.Contains(answer, id) || !strings.Contains(answer, `name="`+sheet+`"`) {
			u.t.Errorf("client %d published %s", u.number, answer)
		}
		list := u.do("GET", fmt.Sprintf("workbooks?filter=name:eq:Sales+%d", u.number), "", 200)
		if !strings.Contains(list, id) || !strings.Contains(list, `totalAvailable="1"`) {
			u.t.Errorf("client %d sees %s", u.number, list)
		}
		if got := u.do("GET", "workbooks/"+id+"/content", "", 200); got != file {
			u.t.Errorf("client %d downloads %d bytes, want its own %d", u.number, len(got), len(file))
		}
	}
	if revisions := u.do("GET", "workbooks/"+id+"/revisions", "", 200); !strings.Contains(revisions, `totalAvailable="3"`) {
		u.t.Errorf("client %d has revisions %s", u.number, revisions)
	}
	u.do("DELETE", "workbooks/"+id, "", 204)
	u.do("GET", "workbooks/"+id, "", 404)
}

// What one server has, another does not.
func TestServersShareNothing(t *testing.T) {
	t.Parallel()
	one, other := start(t), start(t)
	one.publish("workbook", "", `name="Sales"`, ``, "a.twb", salesTWB).wantStatus(201)
	one.get("workbooks").wantIn(`totalAvailable="1"`)
	other.get("workbooks").wantIn(`totalAvailable="0"`)
	one.send("POST /api/3.29/auth/signout HTTP/1.1\nX-Tableau-Auth: TOKEN\n\n").wantStatus(204)
	other.get("workbooks").wantStatus(200)
}
