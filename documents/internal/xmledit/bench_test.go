package xmledit

import (
	"bytes"
	"fmt"
	"testing"
)

// workbookLike is about size bytes of markup with the proportions of a workbook.
func workbookLike(size int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version='1.0' encoding='utf-8' ?>\r\n\r\n<workbook version='18.1'>\r\n  <datasources>\r\n    <datasource caption='Orders' name='federated.a'>\r\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "      <column caption='Profit Ratio %d' datatype='real' default-format='p0.0%%' name='[Calculation_%d]' role='measure' type='quantitative'>\r\n", i, i)
		fmt.Fprintf(&b, "        <calculation class='tableau' formula='SUM([Profit])/SUM([Sales]) &gt; 0.5 // ratio&#13;&#10;' />\r\n      </column>\r\n")
		fmt.Fprintf(&b, "      <metadata-record class='column'>\r\n        <remote-name>profit_%d</remote-name>\r\n        <local-type>real</local-type>\r\n      </metadata-record>\r\n", i)
	}
	b.WriteString("    </datasource>\r\n  </datasources>\r\n</workbook>\r\n")
	return b.Bytes()
}

func BenchmarkIndex(b *testing.B) {
	data := workbookLike(50 << 20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := parse(data, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
