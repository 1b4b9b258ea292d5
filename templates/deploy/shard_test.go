package deploy_test

import (
	"fmt"
	"testing"

	"github.com/tabtemplate/tabtemplate/templates/deploy"
)

// Each key is in exactly one shard, and the shards are about as large, also where keys differ in their last digits alone.
func TestShardsSplitKeys(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 2, 3, 4, 7, 16, 100} {
		sizes := make([]int, count)
		const keys = 10_000
		for i := range keys {
			homes := 0
			for index := range count {
				if (deploy.Shard{Index: index + 1, Count: count}).Has(fmt.Sprintf("site-%05d", i)) {
					homes++
					sizes[index]++
				}
			}
			if homes != 1 {
				t.Fatalf("site-%05d is in %d of %d shards", i, homes, count)
			}
		}
		even := keys / count
		for index, size := range sizes {
			if size < even*6/10 || size > even*14/10 {
				t.Errorf("shard %d/%d has %d of %d sites", index+1, count, size, keys)
			}
		}
	}
}

// Which shard has a key must never change: the record of what was published there is kept with the shard.
func TestShardOfKeyStays(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]int{"acme": 3, "globex": 2, "initech": 3, "日本": 4} {
		for index := 1; index <= 4; index++ {
			if got := (deploy.Shard{Index: index, Count: 4}).Has(key); got != (index == want) {
				t.Errorf("shard %d/4 has %s: %v, want it in %d/4", index, key, got, want)
			}
		}
	}
}

func TestParseShard(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1/1", "2/4", "10/10"} {
		if s, err := deploy.ParseShard(text); err != nil || s.String() != text {
			t.Errorf("%s is %v: %v", text, s, err)
		}
	}
	for _, text := range []string{"", "0/4", "5/4", "1", "a/b", "1/", "/1", "1/0", "-1/4", "01/4", "+1/4", "1/4/4", " 1/4"} {
		if s, err := deploy.ParseShard(text); err == nil {
			t.Errorf("%q is %v, and should not be a shard", text, s)
		}
	}
}
