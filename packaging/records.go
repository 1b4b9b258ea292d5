package packaging

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// The fixed parts of the zip format. [PKWARE APPNOTE 6.3.10, section 4.3]
const (
	localMagic      = "PK\x03\x04"
	descriptorMagic = "PK\x07\x08"
	centralMagic    = "PK\x01\x02"
	end64Magic      = "PK\x06\x06"
	locatorMagic    = "PK\x06\x07"
	endMagic        = "PK\x05\x06"

	localLen   = 30
	centralLen = 46
	end64Len   = 56
	locatorLen = 20
	endLen     = 22

	max16 = math.MaxUint16
	max32 = math.MaxUint32 // in a 32-bit field: the value stands in the zip64 extra field

	extraZip64   = 0x0001
	versionPlain = 20
	versionZip64 = 45
)

// The general purpose flags that matter here.
const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
	flagMasked     = 1 << 13
)

// The compression methods of Entry.Method whose content can be read.
const (
	Stored   uint16 = 0
	Deflated uint16 = 8

	methodAES uint16 = 99
)

var le = binary.LittleEndian

// Entry describes one file or folder of a package.
type Entry struct {
	// Name is the path of the entry, the bytes of the record as they are. They are read as UTF-8 with and without the
	// UTF-8 flag; where they are not valid UTF-8, Name is not either, so print it with %q.
	Name string
	// Size and CompressedSize are the declared lengths of the content and of its compressed form, in bytes.
	Size, CompressedSize int64
	// Method is the compression method, [Stored] or [Deflated]. Content of any other can be copied, but not read.
	Method uint16
	// CRC32 is the declared IEEE CRC-32 of the content.
	CRC32 uint32
	// Modified is the time in the record, which has no zone and is read as UTC, exact to two seconds. It is the
	// zero time where the record has none.
	Modified time.Time
}

// IsDir reports whether the entry is a folder.
func (e Entry) IsDir() bool { return strings.HasSuffix(e.Name, "/") }

// record is an entry and where it stands.
type record struct {
	Entry
	flags   uint16
	offset  int64  // of the local header
	data    int64  // of the compressed content
	end     int64  // of the next record; what lies between the data and here is the data descriptor
	central []byte // the directory record, all of it
}

// parseCentral reads the directory record at the start of b.
func parseCentral(b []byte) (record, error) {
	if len(b) < centralLen {
		return record{}, refuse("", ErrTruncated, "directory ends inside a record")
	}
	if string(b[:4]) != centralMagic {
		return record{}, refuse("", ErrCorrupt, "directory holds bytes that are no entry")
	}
	nameLen, extraLen, commentLen := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	total := centralLen + nameLen + extraLen + commentLen
	if len(b) < total {
		return record{}, refuse("", ErrTruncated, "directory ends inside a record")
	}
	b = b[:total:total]
	name := string(b[centralLen : centralLen+nameLen])
	packed, size, offset := uint64(le.Uint32(b[20:])), uint64(le.Uint32(b[24:])), uint64(le.Uint32(b[42:]))
	disk := uint32(le.Uint16(b[34:]))
	wide, err := widen(b[centralLen+nameLen:centralLen+nameLen+extraLen], &size, &packed, &offset)
	if err != nil {
		return record{}, refuse(name, ErrCorrupt, "%s", err)
	}
	if disk == max16 && len(wide) >= 4 {
		disk = le.Uint32(wide)
	}
	if disk != 0 {
		return record{}, refuse(name, ErrMultiDisk, "entry is on disk %d of a split archive", disk)
	}
	if size > math.MaxInt64 || packed > math.MaxInt64 || offset > math.MaxInt64 {
		return record{}, refuse(name, ErrCorrupt, "size or offset is beyond any file")
	}
	r := record{
		Entry: Entry{
			Name: name, Size: int64(size), CompressedSize: int64(packed), Method: le.Uint16(b[10:]),
			CRC32: le.Uint32(b[16:]), Modified: fromDOS(le.Uint16(b[14:]), le.Uint16(b[12:])),
		},
		flags: le.Uint16(b[8:]), offset: int64(offset), central: b,
	}
	return r, r.check()
}

// check refuses what the directory record alone shows to be wrong.
func (r *record) check() error {
	if err := checkName(r.Name); err != nil {
		return err
	}
	if r.flags&(flagEncrypted|flagStrong|flagMasked) != 0 || r.Method == methodAES {
		return refuse(r.Name, ErrEncrypted, "")
	}
	// The upper half of the external attributes is the Unix mode, whatever system the record says it was made by.
	const typeMask, typeDir, typeFile = 0o170000, 0o040000, 0o100000
	switch kind := le.Uint32(r.central[38:]) >> 16 & typeMask; kind {
	case 0, typeDir, typeFile:
	case 0o120000:
		return refuse(r.Name, ErrSpecial, "entry is a symbolic link")
	default:
		return refuse(r.Name, ErrSpecial, "entry is a special file, type %#o", kind)
	}
	if r.Method == Stored && r.Size != r.CompressedSize {
		return refuse(r.Name, ErrSize, "stored entry declares %d bytes as %d", r.Size, r.CompressedSize)
	}
	if r.IsDir() && r.Size != 0 {
		return refuse(r.Name, ErrSize, "folder declares %d bytes of content", r.Size)
	}
	return nil
}
