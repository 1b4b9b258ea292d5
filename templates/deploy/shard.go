package deploy

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/tabtemplate/tabtemplate/templates"
)

// A Shard is a part of the sites of a manifest. It depends on the key of a site alone whether a shard has it, so that every
// machine splits the sites in the same way, and a site that is added moves no other. The zero value has all sites.
type Shard struct {
	Index, Count int // Index is from 1 to Count
}

// ParseShard reads "2/4": the second shard of four.
func ParseShard(text string) (Shard, error) {
	index, count, _ := strings.Cut(text, "/")
	var s Shard
	var errs [2]error
	s.Index, errs[0] = strconv.Atoi(index)
	s.Count, errs[1] = strconv.Atoi(count)
	if errs[0] != nil || errs[1] != nil || s.Index < 1 || s.Index > s.Count || s.String() != text {
		return Shard{}, fmt.Errorf("%q is not a shard: write 2/4 for the second of four, the first is 1/4", text)
	}
	return s, nil
}

// String writes a shard as [ParseShard] reads it, "" for all sites.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// Sites returns those of the sites that the shard has, in their order.
func (s Shard) Sites(all []*templates.Site) []*templates.Site {
	if s.Count == 0 {
		return all
	}
	var own []*templates.Site
	for _, site := range all {
		if s.Has(site.Key) {
			own = append(own, site)
		}
	}
	return own
}

// Has says whether the shard has the site of a key.
func (s Shard) Has(key string) bool {
	if s.Count == 0 {
		return true
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(key))
	return int(mix(hash.Sum64())%uint64(s.Count)) == s.Index-1
}

// mix spreads a hash over all of its bits: the low bits of FNV alone put keys that end in a number unevenly.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
