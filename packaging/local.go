package packaging

import (
	"io"
	"slices"
)

// checkLocal reads the local header, holds it against the directory record, and sets where the data begins. Behind the
// record stands the entry of the given name, or with "" the directory. It uses and returns buf, which it may have grown.
func (r *record) checkLocal(src io.ReaderAt, behind string, buf []byte) ([]byte, error) {
	want := localLen + len(r.Name)
	buf = slices.Grow(buf[:0], want)[:want]
	if r.end-r.offset < int64(want) {
		return buf, r.overlap(behind)
	}
	if err := readFull(src, buf, r.offset); err != nil {
		return buf, err
	}
	if string(buf[:4]) != localMagic {
		return buf, refuse(r.Name, ErrCorrupt, "no local header at byte %d", r.offset)
	}
	nameLen, extraLen := int(le.Uint16(buf[26:])), int(le.Uint16(buf[28:]))
	if nameLen != len(r.Name) || string(buf[localLen:]) != r.Name {
		return buf, refuse(r.Name, ErrMismatch, "local header has another name")
	}
	flags := le.Uint16(buf[6:])
	if flags&flagEncrypted != 0 {
		return buf, refuse(r.Name, ErrEncrypted, "")
	}
	if method := le.Uint16(buf[8:]); method != r.Method || (flags^r.flags)&flagDescriptor != 0 {
		return buf, refuse(r.Name, ErrMismatch, "local header has method %d and flags %#04x, the directory %d and %#04x", method, flags, r.Method, r.flags)
	}
	r.data = r.offset + int64(want+extraLen)
	if r.data > r.end || r.CompressedSize > r.end-r.data {
		return buf, r.overlap(behind)
	}
	if flags&flagDescriptor != 0 {
		return buf, r.checkDescriptor(src)
	}
	return buf, r.checkLocalSizes(src, buf, extraLen)
}

func (r *record) overlap(behind string) error {
	if behind == "" {
		return refuse(r.Name, ErrOverlap, "its record overlaps the directory")
	}
	return refuse(r.Name, ErrOverlap, "its record overlaps that of entry %q", behind)
}

// checkLocalSizes checks a local header without data descriptor: it holds the sizes itself, and nothing follows the data.
func (r *record) checkLocalSizes(src io.ReaderAt, header []byte, extraLen int) error {
	if gap := r.end - r.data - r.CompressedSize; gap > 0 {
		return refuse(r.Name, ErrExtraBytes, "%d bytes after its data belong to no entry", gap)
	}
	packed, size := uint64(le.Uint32(header[18:])), uint64(le.Uint32(header[22:]))
	if packed == max32 || size == max32 {
		extra := make([]byte, extraLen)
		if err := readFull(src, extra, r.data-int64(extraLen)); err != nil {
			return err
		}
		if _, err := widen(extra, &size, &packed); err != nil {
			return refuse(r.Name, ErrCorrupt, "local header: %s", err)
		}
	}
	if crc := le.Uint32(header[14:]); crc != r.CRC32 || packed != uint64(r.CompressedSize) || size != uint64(r.Size) {
		return refuse(r.Name, ErrMismatch, "local header has other sizes or another checksum")
	}
	return nil
}

// checkDescriptor checks what follows the data of a record that was written as a stream: the checksum and both sizes, of
// 32 or 64 bits, with or without a signature. The place of the next record tells which of the four it is.
func (r *record) checkDescriptor(src io.ReaderAt) error {
	length := r.end - r.data - r.CompressedSize
	if length != 12 && length != 16 && length != 20 && length != 24 {
		return refuse(r.Name, ErrExtraBytes, "%d bytes after its data are no data descriptor", length)
	}
	b := make([]byte, length)
	if err := readFull(src, b, r.end-length); err != nil {
		return err
	}
	if length == 16 || length == 24 {
		if string(b[:4]) != descriptorMagic {
			return refuse(r.Name, ErrExtraBytes, "%d bytes after its data are no data descriptor", length)
		}
		b = b[4:]
	}
	crc, packed, size := le.Uint32(b), uint64(0), uint64(0)
	if len(b) == 12 {
		packed, size = uint64(le.Uint32(b[4:])), uint64(le.Uint32(b[8:]))
	} else {
		packed, size = le.Uint64(b[4:]), le.Uint64(b[12:])
	}
	if crc != r.CRC32 || packed != uint64(r.CompressedSize) || size != uint64(r.Size) {
		return refuse(r.Name, ErrMismatch, "data descriptor has other sizes or another checksum")
	}
	return nil
}
