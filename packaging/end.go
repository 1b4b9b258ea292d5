package packaging

import (
	"bytes"
	"fmt"
	"io"
)

// ending is what stands behind the directory: the zip64 end record and its locator, where there are any, and the end
// record with the archive's comment.
type ending struct {
	raw     []byte // all of it
	end     int    // of the end record in raw; 0 when there is nothing of zip64
	at      int64  // of raw in the file, which is where the directory ends
	entries uint64
	dirSize uint64
	dirAt   uint64
}

// readEnding finds and reads the ending of a file that begins as a zip archive.
func readEnding(src io.ReaderAt, size int64) (*ending, error) {
	window := min(size, endLen+max16)
	b := make([]byte, window)
	if err := readFull(src, b, size-window); err != nil {
		return nil, err
	}
	// Only the last end record counts: readers that search in another way must not be able to find another directory.
	at := bytes.LastIndex(b, []byte(endMagic))
	if at < 0 || at+endLen > len(b) {
		return nil, refuse("", ErrTruncated, "the package is cut short: its directory is missing")
	}
	b = b[at:]
	total := endLen + int(le.Uint16(b[20:]))
	switch {
	case total > len(b):
		return nil, refuse("", ErrTruncated, "the package is cut short: its comment is incomplete")
	case total < len(b):
		return nil, refuse("", ErrExtraBytes, "%d bytes follow the end of the archive", len(b)-total)
	}
	e := &ending{
		raw: bytes.Clone(b), at: size - int64(total),
		entries: uint64(le.Uint16(b[10:])), dirSize: uint64(le.Uint32(b[12:])), dirAt: uint64(le.Uint32(b[16:])),
	}
	wide, err := e.readZip64(src)
	if err != nil {
		return nil, err
	}
	disk, dirDisk, here := le.Uint16(b[4:]), le.Uint16(b[6:]), uint64(le.Uint16(b[8:]))
	zeroDisk := func(n uint16) bool { return n == 0 || wide && n == max16 }
	if !zeroDisk(disk) || !zeroDisk(dirDisk) || here != uint64(le.Uint16(b[10:])) {
		return nil, refuse("", ErrMultiDisk, "")
	}
	return e, e.place(src)
}

// readZip64 reads the zip64 end record and its locator, if there is one right before the end record, and lets them
// speak for the fields of the end record that are too narrow.
func (e *ending) readZip64(src io.ReaderAt) (bool, error) {
	if e.at < locatorLen {
		return false, nil
	}
	locator := make([]byte, locatorLen)
	if err := readFull(src, locator, e.at-locatorLen); err != nil {
		return false, err
	}
	if string(locator[:4]) != locatorMagic {
		return false, nil
	}
	at := le.Uint64(locator[8:])
	if le.Uint32(locator[4:]) != 0 || le.Uint32(locator[16:]) != 1 {
		return false, refuse("", ErrMultiDisk, "")
	}
	limit := uint64(e.at - locatorLen)
	if at > limit || limit-at < end64Len || limit-at > end64Len+max16 {
		return false, refuse("", ErrCorrupt, "the zip64 end record is not where its locator says")
	}
	record := make([]byte, limit-at)
	if err := readFull(src, record, int64(at)); err != nil {
		return false, err
	}
	if string(record[:4]) != end64Magic || le.Uint64(record[4:]) != uint64(len(record)-12) {
		return false, refuse("", ErrCorrupt, "the zip64 end record is not where its locator says")
	}
	if le.Uint32(record[16:]) != 0 || le.Uint32(record[20:]) != 0 || le.Uint64(record[24:]) != le.Uint64(record[32:]) {
		return false, refuse("", ErrMultiDisk, "")
	}
	if !adopt(&e.entries, max16, le.Uint64(record[32:])) || !adopt(&e.dirSize, max32, le.Uint64(record[40:])) ||
		!adopt(&e.dirAt, max32, le.Uint64(record[48:])) {
		return false, refuse("", ErrMismatch, "the end record and the zip64 end record disagree")
	}
	e.end = len(record) + locatorLen
	e.at = int64(at)
	e.raw = append(append(record, locator...), e.raw...)
	return true, nil
}

// adopt takes the wide value for a narrow one that is full, and reports whether the two agree.
func adopt(narrow *uint64, full, wide uint64) bool {
	if *narrow == full {
		*narrow = wide
	}
	return *narrow == wide
}

// place checks that the directory ends where the ending begins.
func (e *ending) place(src io.ReaderAt) error {
	limit := uint64(e.at)
	if e.dirSize <= limit && e.dirAt == limit-e.dirSize {
		return nil
	}
	if e.dirSize <= limit && e.dirAt < limit-e.dirSize {
		magic := make([]byte, 4)
		if err := readFull(src, magic, int64(limit-e.dirSize)); err != nil {
			return err
		}
		gap := limit - e.dirSize - e.dirAt
		if string(magic) == centralMagic {
			return refuse("", ErrExtraBytes, "%d bytes stand in front of the archive", gap)
		}
		return refuse("", ErrExtraBytes, "%d bytes between the directory and the end record", gap)
	}
	return refuse("", ErrTruncated, "the package is cut short: its directory does not fit in the file")
}

// rewritten gives the ending for another directory, in the form it had: values that were kept in the zip64 end record
// alone stay there, and one that no longer fits in the end record moves there, which adds that record if need be.
func (e *ending) rewritten(entries, dirSize, dirAt uint64) []byte {
	raw, end := bytes.Clone(e.raw), e.end
	old := e.raw[e.end:]
	narrow16 := func(value uint64, was []byte) uint16 {
		if value >= max16 || e.end > 0 && le.Uint16(was) == max16 {
			return max16
		}
		return uint16(value)
	}
	narrow32 := func(value uint64, was []byte) uint32 {
		if value >= max32 || e.end > 0 && le.Uint32(was) == max32 {
			return max32
		}
		return uint32(value)
	}
	if end == 0 && (entries >= max16 || dirSize >= max32 || dirAt >= max32) {
		end = end64Len + locatorLen
		raw = append(newEnd64(), raw...)
	}
	le.PutUint16(raw[end+8:], narrow16(entries, old[8:]))
	le.PutUint16(raw[end+10:], narrow16(entries, old[10:]))
	le.PutUint32(raw[end+12:], narrow32(dirSize, old[12:]))
	le.PutUint32(raw[end+16:], narrow32(dirAt, old[16:]))
	if end > 0 {
		le.PutUint64(raw[24:], entries)
		le.PutUint64(raw[32:], entries)
		le.PutUint64(raw[40:], dirSize)
		le.PutUint64(raw[48:], dirAt)
		le.PutUint64(raw[end-locatorLen+8:], dirAt+dirSize)
	}
	return raw
}

// newEnd64 makes a zip64 end record and its locator, without counts and places.
func newEnd64() []byte {
	b := make([]byte, end64Len+locatorLen)
	copy(b, end64Magic)
	le.PutUint64(b[4:], end64Len-12)
	le.PutUint16(b[12:], versionZip64)
	le.PutUint16(b[14:], versionZip64)
	copy(b[end64Len:], locatorMagic)
	le.PutUint32(b[end64Len+16:], 1)
	return b
}

// emptyEnding is the ending of an archive without entries.
func emptyEnding() *ending {
	raw := make([]byte, endLen)
	copy(raw, endMagic)
	return &ending{raw: raw}
}

// readFull fills b from the given place; a file that ends before is cut short.
func readFull(src io.ReaderAt, b []byte, at int64) error {
	n, err := src.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		return refuse("", ErrTruncated, "the file ends at byte %d, not at %d", at+int64(n), at+int64(len(b)))
	}
	return fmt.Errorf("reading the package: %w", err)
}
