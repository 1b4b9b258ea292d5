package emulator

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

var flowOperations = []operation{
	op("GET", "sites/{site}/users/{user}/flows", onSite, nil, listFlowsOfUser).since(3, 3),
}

// flowStep is a step of a flow that writes what it has made.
type flowStep struct{ LUID, Name string }

// flowFile is what the emulator wants to know of the file of a flow, as Tableau Prep writes it.
type flowFile struct {
	Nodes map[string]struct {
		Name     string `json:"name"`
		NodeType string `json:"nodeType"`
	} `json:"nodes"`
	Connections map[string]struct {
		Name       string         `json:"name"`
		Attributes map[string]any `json:"connectionAttributes"`
	} `json:"connections"`
}

// maxFlow is how large the description of a flow may be, in bytes.
const maxFlow = 64 * mebibyte

// analyzeFlow reads the entry flow of the archive that a .tfl and a .tflx are. The format is not published: a file that
// has no such entry, or none that can be read, is taken for a flow without connections and steps.
func analyzeFlow(r io.ReaderAt, size int64, fileType string) (content, error) {
	c := content{FileType: fileType}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return c, nil
	}
	entry, err := archive.Open("flow")
	if err != nil {
		return c, nil
	}
	defer entry.Close()
	var f flowFile
	if json.NewDecoder(io.LimitReader(entry, maxFlow)).Decode(&f) != nil {
		return c, nil
	}
	for _, n := range f.Nodes {
		// The types are such as .v1.WriteToHyper, .v2018_3_3.PublishExtract and .v2020_3_1.WriteToDatabase.
		operation := n.NodeType[strings.LastIndex(n.NodeType, ".")+1:]
		if strings.HasPrefix(operation, "Write") || strings.HasPrefix(operation, "Publish") {
			c.Steps = append(c.Steps, n.Name)
		}
	}
	slices.Sort(c.Steps)
	for _, conn := range f.Connections {
		attr := func(name string) string {
			if conn.Attributes[name] == nil {
				return ""
			}
			return fmt.Sprint(conn.Attributes[name])
		}
		c.Connections = append(c.Connections, fileConnection{
			Datasource: conn.Name,
			Class:      attr("class"), Server: attr("server"), Port: attr("port"), DBName: attr("dbname"), Username: attr("username"),
		})
	}
	slices.SortFunc(c.Connections, func(a, b fileConnection) int {
		return strings.Compare(a.Datasource+"\x00"+a.Server, b.Datasource+"\x00"+b.Server)
	})
	return c, nil
}

// newOutputSteps makes the output steps of a flow. One that was there before keeps its LUID.
func (s *Server) newOutputSteps(p *publication, a *asset) []flowStep {
	var steps []flowStep
	for _, name := range p.Content.Steps {
		step := flowStep{Name: name}
		if i := slices.IndexFunc(a.OutputSteps, func(old flowStep) bool { return old.Name == name }); i >= 0 {
			step = a.OutputSteps[i]
		} else {
			step.LUID = s.newID()
		}
		steps = append(steps, step)
	}
	return steps
}

// renderFlow writes a flow.
func (a *asset) renderFlow(c *call) *element {
	return node(a.Kind, c.renderProject(a.Project), c.renderOwner(a.Owner), renderTags(a.Tags)).
		with("id", a.LUID).
		with("name", a.Name).
		with("description", a.Description).
		with("webpageUrl", c.webPage(flows.collection, a.Number)).
		with("fileType", a.current().FileType).
		with("createdAt", formatTime(a.CreatedAt)).
		with("updatedAt", formatTime(a.UpdatedAt))
}

// renderOutputSteps writes the output steps of a flow, which answers tell beside it.
func (a *asset) renderOutputSteps() *element {
	e := node("flowOutputSteps")
	for _, step := range a.OutputSteps {
		e.add(node("flowOutputStep").with("id", step.LUID).with("name", step.Name))
	}
	return e
}

// listFlowsOfUser answers GET users/{id}/flows: those the user owns, and unless ownedBy is true those they may read.
func listFlowsOfUser(c *call) (*reply, error) { return flows.listOfUser(c) }

// flowFields are what flows may be filtered and sorted by, after "Filtering and Sorting in the REST API".
func flowFields(c *call) map[string]field[*asset] {
	return map[string]field[*asset]{
		"createdAt":   timeField(func(a *asset) time.Time { return a.CreatedAt }),
		"name":        textField(func(a *asset) string { return a.Name }),
		"ownerName":   textField(func(a *asset) string { return c.site.userName(a.Owner) }),
		"projectId":   textField(func(a *asset) string { return a.Project }),
		"projectName": textField(func(a *asset) string { return c.site.projects.Get(a.Project).Name }),
		"updatedAt":   timeField(func(a *asset) time.Time { return a.UpdatedAt }),
	}
}
