package emulator

import (
	"regexp"

	"github.com/tabtemplate/tabtemplate/documents"
)

// features are what a workbook lists in its document-format-change-manifest, and the release that brought each. An older
// release opens the workbook without what the feature does; the severity is Severe where that changes what is shown.
var features = []struct {
	name, release, severity string
}{
	{"SheetIdentifierTracking", "2018.1", "Warning"},
	{"WindowsPersistSimpleIdentifiers", "2018.1", "Warning"},
	{"SortTagCleanup", "2018.2", "Warning"},
	{"IntuitiveSorting", "2018.2", "Severe"},
	{"ISO8601PeriodTypes", "2018.2", "Severe"},
	{"GroupAction", "2018.3", "Severe"},
	{"ParameterAction", "2019.2", "Severe"},
	{"MarkAnimation", "2020.1", "Warning"},
	{"AnimationOnByDefault", "2020.1", "Warning"},
	{"ParameterDefaultValues", "2020.1", "Severe"},
	{"ObjectModelEncapsulateLegacy", "2020.2", "Severe"},
	{"ObjectModelTableType", "2020.2", "Severe"},
	{"SchemaViewerObjectModel", "2020.2", "Warning"},
	{"SetMembershipControl", "2020.2", "Severe"},
	{"GroupActionAddRemove", "2020.2", "Severe"},
	{"ObjectModelExtractV2", "2021.4", "Severe"},
	{"VConnDownstreamExtractsWithWarnings", "2021.4", "Severe"},
	{"ObjectModelSharedDimensions", "2024.2", "Severe"},
}

var productVersion = regexp.MustCompile(`^([0-9]{1,4}\.[0-9]{1,4})(\.[0-9]+)?$`)

// parseRelease reads a release of the product, whose parts compare as those of an API version do. A maintenance release
// is the release it is of.
func parseRelease(version string) apiVersion {
	parts := productVersion.FindStringSubmatch(version)
	if parts == nil {
		return apiVersion{}
	}
	release, _ := parseVersion(parts[1]) // the pattern lets nothing else pass
	return release
}

// oldestRelease is the oldest that a workbook can be downgraded to.
var oldestRelease = apiVersion{9, 0}

// getDowngradeInfo answers GET workbooks/{id}/downGradeInfo: the features of the workbook that the release asked for
// does not have yet.
func getDowngradeInfo(c *call) (*reply, error) {
	workbook, err := workbooks.findFor(c, codeForbidden, "Read")
	if err != nil {
		return nil, err
	}
	target := c.query["productVersion"]
	if !productVersion.MatchString(target) {
		return nil, refuse(codeDowngradeVersion, "The productVersion '%s' is no Tableau version such as 2020.1.", target)
	}
	to := parseRelease(target)
	if own, _ := c.server.version.product(); to.before(oldestRelease) || parseRelease(own).before(to) {
		return nil, refuse(codeDowngradeTooOld, "The productVersion '%s' is none that workbook '%s' can be downgraded to.", target, workbook.LUID)
	}
	data, err := c.server.store.OpenBlob(workbook.current().Data)
	if err != nil {
		return nil, err
	}
	answer := ok(node("downgradeInfo"))
	answer.completeWith(func() error {
		defer data.Close()
		document, err := documents.OpenReader(data, data.Size())
		if err != nil {
			return refuse(codeDowngrade, "The file of workbook '%s' cannot be read: %v.", workbook.LUID, err)
		}
		defer document.Close()
		for _, f := range features {
			listed, _ := document.Elements("/workbook/document-format-change-manifest/" + f.name) // an error says there are none
			if len(listed) > 0 && to.before(parseRelease(f.release)) {
				answer.body[0].add(node("downgradedFeature").with("name", f.name).with("severity", f.severity))
			}
		}
		return nil
	})
	return answer, nil
}
