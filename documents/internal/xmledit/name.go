package xmledit

import "strings"

const featureMark = "_.fcp."

// LocalName is a name without its feature prefixes: what follows the last "..."
// of `_.fcp.Feature.true..._.fcp.Other.false...name`. A name without a prefix is
// returned as it is. See the document format guide, 1.7.
func LocalName(name string) string {
	if !strings.HasPrefix(name, featureMark) {
		return name
	}
	if i := strings.LastIndex(name, "..."); i >= 0 && i+3 < len(name) {
		return name[i+3:]
	}
	return name
}

// Feature is one feature prefix of a name: a reader that knows the feature takes
// the forms where On is true, an older one the forms where it is false.
type Feature struct {
	Name string
	On   bool
}

// Features lists the feature prefixes of a name, outermost first.
func Features(name string) []Feature {
	prefixes := strings.TrimSuffix(name, LocalName(name))
	var fs []Feature
	for p := range strings.SplitSeq(prefixes, "...") {
		p, ok := strings.CutPrefix(p, featureMark)
		if !ok {
			continue
		}
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			continue
		}
		fs = append(fs, Feature{Name: p[:i], On: p[i+1:] == "true"})
	}
	return fs
}

// matches tells whether a name as written answers to want: the same name, or want
// behind feature prefixes.
func matches(written []byte, want string) bool {
	if len(written) == len(want) {
		return string(written) == want
	}
	return len(written) > len(want) && string(written[len(written)-len(want):]) == want &&
		len(written) > len(featureMark) && string(written[:len(featureMark)]) == featureMark &&
		LocalName(string(written)) == want
}

// rank orders the forms of one name for reading: the plain one, then the one for
// readers that know the feature, then the others.
func rank(name string) int {
	if LocalName(name) == name {
		return 0
	}
	for _, f := range Features(name) {
		if !f.On {
			return 2
		}
	}
	return 1
}
