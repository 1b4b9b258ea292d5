package emulator

import (
	"fmt"
	"strconv"
	"strings"
)

// apiVersion is a REST API version. The parts compare as integers: 3.9 is before 3.10.
type apiVersion struct{ major, minor int }

var oldestVersion = apiVersion{2, 0}

func (v apiVersion) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v apiVersion) before(w apiVersion) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

func parseVersion(s string) (apiVersion, bool) {
	major, minor, ok := strings.Cut(s, ".")
	if !ok {
		return apiVersion{}, false
	}
	a, err1 := strconv.ParseUint(major, 10, 16)
	b, err2 := strconv.ParseUint(minor, 10, 16)
	return apiVersion{int(a), int(b)}, err1 == nil && err2 == nil
}

// products are the products that brought a REST API version, oldest first.
var products = []struct {
	api     apiVersion
	product string
}{
	{apiVersion{2, 0}, "9.0"},
	{apiVersion{2, 2}, "9.2"},
	{apiVersion{2, 3}, "9.3"},
	{apiVersion{2, 4}, "10.1"},
	{apiVersion{2, 5}, "10.2"},
	{apiVersion{2, 6}, "10.3"},
	{apiVersion{2, 7}, "10.4"},
	{apiVersion{2, 8}, "10.5"},
	{apiVersion{3, 0}, "2018.1"},
	{apiVersion{3, 1}, "2018.2"},
	{apiVersion{3, 2}, "2018.3"},
	{apiVersion{3, 3}, "2019.1"},
	{apiVersion{3, 4}, "2019.2"},
	{apiVersion{3, 5}, "2019.3"},
	{apiVersion{3, 6}, "2019.4"},
	{apiVersion{3, 7}, "2020.1"},
	{apiVersion{3, 8}, "2020.2"},
	{apiVersion{3, 9}, "2020.3"},
	{apiVersion{3, 10}, "2020.4"},
	{apiVersion{3, 11}, "2021.1"},
	{apiVersion{3, 12}, "2021.2"},
	{apiVersion{3, 13}, "2021.3"},
	{apiVersion{3, 14}, "2021.4"},
	{apiVersion{3, 15}, "2022.1"},
	{apiVersion{3, 17}, "2022.3"},
	{apiVersion{3, 19}, "2023.1"},
	{apiVersion{3, 21}, "2023.3"},
	{apiVersion{3, 23}, "2024.2"},
	{apiVersion{3, 25}, "2025.1"},
	{apiVersion{3, 27}, "2025.3"},
	{apiVersion{3, 28}, "2026.1"},
	{apiVersion{3, 29}, "2026.2"},
}

// product returns the version and the build of the newest product that speaks no later version than v.
func (v apiVersion) product() (version, build string) {
	for _, p := range products {
		if v.before(p.api) {
			break
		}
		version = p.product
	}
	digits := (strings.ReplaceAll(version, ".", "") + "00000")[:5]
	return version + ".0", digits + ".26.0601.1200"
}

// serverInfo answers GET serverinfo, the only call besides sign-in that needs no token.
func serverInfo(c *call) (*reply, error) {
	version, build := c.server.version.product()
	return ok(node("serverInfo",
		textNode("productVersion", version).with("build", build),
		textNode("prepConductorVersion", version),
		textNode("restApiVersion", c.server.version.String()),
		textNode("platform", "linux"),
		node("serverSettings",
			textNode("oAuthEnabled", "false"),
			textNode("sheetImageMaxAgeFloor", "60"),
			textNode("sheetImageMaxAgeCeiling", "43200"),
			textNode("offlineInteractionSupportedPhase", "0")),
	)), nil
}
