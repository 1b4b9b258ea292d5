package packaging

import "errors"

var (
	errNoZip64    = errors.New("a size or offset is said to stand in a zip64 field, and does not")
	errTwoZip64   = errors.New("two zip64 fields")
	errExtraLimit = errors.New("no room for a zip64 field")
)

// zip64Field finds the zip64 field in a block of extra fields: its content is extra[start:end]. Without one, both are 0.
func zip64Field(extra []byte) (start, end int, err error) {
	for at := 0; at+4 <= len(extra); {
		next := at + 4 + int(le.Uint16(extra[at+2:]))
		if next > len(extra) {
			break // padding or rubbish of another tool, which is copied as it is
		}
		if le.Uint16(extra[at:]) == extraZip64 {
			if end != 0 {
				return 0, 0, errTwoZip64
			}
			start, end = at+4, next
		}
		at = next
	}
	return start, end, nil
}

// widen replaces each value that is max32 by the next one in the zip64 field, and returns the rest of that field.
func widen(extra []byte, values ...*uint64) ([]byte, error) {
	start, end, err := zip64Field(extra)
	if err != nil {
		return nil, err
	}
	field := extra[start:end]
	for _, value := range values {
		if *value != max32 {
			continue
		}
		if len(field) < 8 {
			return nil, errNoZip64
		}
		*value, field = le.Uint64(field), field[8:]
	}
	return field, nil
}

// appendZip64 appends a zip64 field that holds the values.
func appendZip64(b []byte, values ...uint64) []byte {
	b = le.AppendUint16(b, extraZip64)
	b = le.AppendUint16(b, uint16(8*len(values)))
	for _, value := range values {
		b = le.AppendUint64(b, value)
	}
	return b
}

// appendRelocated appends a directory record with another offset of its local header. All else stays as it is, but that
// an offset which no longer fits in 32 bits gets a zip64 field.
func appendRelocated(dst, central []byte, offset uint64) ([]byte, error) {
	at := len(dst)
	extraAt := centralLen + int(le.Uint16(central[28:]))
	extraEnd := extraAt + int(le.Uint16(central[30:]))
	extra := central[extraAt:extraEnd]
	wide := le.Uint32(central[42:]) == max32
	if !wide && offset < max32 {
		dst = append(dst, central...)
		le.PutUint32(dst[at+42:], uint32(offset))
		return dst, nil
	}
	start, end, err := zip64Field(extra)
	if err != nil {
		return nil, err
	}
	place := start // of the offset in the extra fields, behind those sizes that are there too
	for _, field := range []int{20, 24} {
		if le.Uint32(central[field:]) == max32 {
			place += 8
		}
	}
	if wide {
		dst = append(dst, central...)
		le.PutUint64(dst[at+extraAt+place:], offset)
		return dst, nil
	}
	dst = append(dst, central[:extraAt]...)
	if end == 0 {
		dst = append(dst, extra...)
		dst = appendZip64(dst, offset)
	} else {
		dst = append(dst, extra[:place]...)
		dst = le.AppendUint64(dst, offset)
		dst = append(dst, extra[place:]...)
		le.PutUint16(dst[at+extraAt+start-2:], uint16(end-start+8))
	}
	grown := len(dst) - at - extraAt
	if grown > max16 {
		return nil, errExtraLimit
	}
	dst = append(dst, central[extraEnd:]...)
	le.PutUint16(dst[at+6:], max(le.Uint16(central[6:]), versionZip64))
	le.PutUint16(dst[at+30:], uint16(grown))
	le.PutUint32(dst[at+42:], max32)
	return dst, nil
}
