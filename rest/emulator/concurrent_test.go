package emulator

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Fifty clients publish, list, download and delete on one site at once. Each finds its own file again, and in the end
// nothing is left.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	w := start(t)
	client := w.client()
	do := func(method, path, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, URL+"/api/3.29/sites/"+w.site+"/"+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		r.Header.Set("X-Tableau-Auth", w.token)
		r.Header.Set("Content-Type", "multipart/mixed; boundary=5f0c2b9a7e6d4c31a8b70f9e2d1c4b6a")
		resp, err := client.Do(r)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return resp.StatusCode, string(answer)
	}
	var clients sync.WaitGroup
	for i := range 50 {
		clients.Go(func() {
			file := strings.Replace(salesTWB, "Map", fmt.Sprintf("Map %d", i), 2)
			payload := fmt.Sprintf(`<tsRequest><workbook name="Sales %d"/></tsRequest>`, i)
			status, answer := do("POST", "workbooks?overwrite=true", tsc(payload, "tableau_workbook", "a.twb", file))
			id := longLUID.FindString(answer)
			if status != 201 || !strings.Contains(answer, fmt.Sprintf(`contentUrl="Sales%d/sheets/Map%d"`, i, i)) {
				t.Errorf("publish %d: %d %s", i, status, answer)
			}
			if status, answer := do("GET", "workbooks?filter=name:eq:Sales+"+fmt.Sprint(i), ""); status != 200 || !strings.Contains(answer, id) {
				t.Errorf("list %d: %d %s", i, status, answer)
			}
			if status, answer := do("GET", "workbooks/"+id+"/content", ""); status != 200 || answer != file {
				t.Errorf("download %d: %d, %d bytes", i, status, len(answer))
			}
			if status, answer := do("DELETE", "workbooks/"+id, ""); status != 204 {
				t.Errorf("delete %d: %d %s", i, status, answer)
			}
		})
	}
	clients.Wait()
	w.get("workbooks").wantIn(`totalAvailable="0"`)
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
