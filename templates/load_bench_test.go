package templates

import (
	"fmt"
	"strings"
	"testing"
)

// sitesFiles are the files of a manifest with sites of eight columns, which come from one table, from the manifest itself or
// from a file each. templates is what is done for each.
func sitesFiles(kind string, sites int, templates string) map[string]string {
	const head = "version: 1\nserver: {url: emulator, sign_in: {user: ci, password: '${env(\"P_\" + site.key)}'}}\nvars: {db: {server: s, port: 5432}, lang: en}\n"
	var table, inline strings.Builder
	table.WriteString("site,project,tenant,region,lang,db.name,db.port,plan\n")
	inline.WriteString("sites:\n")
	files := map[string]string{}
	for i := range sites {
		lang := []string{"en", "de", "fr"}[i%3]
		fmt.Fprintf(&table, "tenant-%d,Tenants/%d,\"Tenant, %d\",EMEA,%s,db%d,%d,gold\n", i, i%20, i, lang, i, 5000+i)
		body := fmt.Sprintf("{project: Tenants/%d, vars: {tenant: 'Tenant, %d', region: EMEA, lang: %s, plan: gold, db: {name: db%d, port: %d}}}\n", i%20, i, lang, i, 5000+i)
		fmt.Fprintf(&inline, "  tenant-%d: %s", i, body)
		if kind == "files" {
			files[fmt.Sprintf("tenants/tenant-%d.yaml", i)] = body
		}
	}
	switch kind {
	case "CSV":
		files["tenants.csv"] = table.String()
		files["m.yaml"] = head + "sites_from: [tenants.csv]\n" + templates
	case "inline":
		files["m.yaml"] = head + inline.String() + templates
	case "files":
		files["m.yaml"] = head + "sites_from: ['tenants/*.yaml']\n" + templates
	}
	return files
}

// twoTemplates use all vars of sitesFiles.
const twoTemplates = `templates:
  orders:
    file: sales.twb
    publish: {as: 'Orders ${tenant}', project: 'A/${region}'}
    edits:
      - {connection: {}, set: {server: '${db.server}', port: '${db.port}', dbname: '${db.name}'}}
      - {filter: Tenant, include: ['${tenant}']}
  sales:
    file: sales.twb
    publish: {as: 'Sales ${plan}'}
    edits:
      - {filter: Region, when: region != 'X', include: ['${upper(region)}']}
      - {parameter: Language, value: '${lang}'}
`

// The time for a site does not grow with their number.
func BenchmarkLoad10000(b *testing.B) {
	for _, kind := range []string{"CSV", "inline", "files"} {
		for _, sites := range []int{1000, 10_000} {
			b.Run(fmt.Sprint(kind, "/", sites), func(b *testing.B) {
				benchLoad(b, inFiles(b, "", "", sitesFiles(kind, sites, twoTemplates)), sites, 0)
			})
		}
	}
}

// A mistake in the templates is one problem for all sites, one in each site a problem of its own.
func BenchmarkLoad10000Wrong(b *testing.B) {
	const sites = 10_000
	templates := strings.NewReplacer("${lang}", "${langu}", "${upper(region)}", "${region + db.port}", "'${tenant}'", "'${db.nam}'").Replace(twoTemplates)
	b.Run("templates", func(b *testing.B) {
		benchLoad(b, inFiles(b, "", "", sitesFiles("CSV", sites, templates)), sites, 3)
	})
	for _, kind := range []string{"CSV", "inline", "files"} {
		b.Run(kind, func(b *testing.B) {
			files := sitesFiles(kind, sites, twoTemplates)
			for name, text := range files {
				files[name] = strings.NewReplacer("Tenants/", "Tenants//", "'Tenant,", "'${Tenant},", `"Tenant,`, `"${Tenant},`).Replace(text)
			}
			benchLoad(b, inFiles(b, "", "", files), sites, 2*sites)
		})
	}
}

func benchLoad(b *testing.B, path string, sites, problems int) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		m, err := Load(path)
		found, _ := err.(Problems)
		if len(found) != problems || problems == 0 && len(m.sites) != sites {
			b.Fatalf("%d problems: %.1000v", len(found), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*sites), "ns/site")
}
